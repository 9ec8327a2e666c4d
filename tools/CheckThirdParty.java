// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * Compares the bill of materials and the jars that the program is distributed with to the table of
 * THIRD-PARTY.md, so that no library and no licence comes in unseen. Called by {@code mvn verify};
 * exits with 1 and a line for each difference. Stateless.
 */
final class CheckThirdParty {
  /**
   * A row of the table: group:artifact and licences, and in brackets what the bill takes them for.
   */
  private static final Pattern ROW =
      Pattern.compile("\\| (\\S+:\\S+) \\| ([^|(]+)(?:\\(bill: ([^)]+)\\))? \\|.*");

  private CheckThirdParty() {}

  /** A library of the bill. */
  private record Library(String jar, String licences) {}

  public static void main(String[] args)
      throws IOException, ParserConfigurationException, SAXException {
    if (args.length != 3) {
      System.err.println("usage: CheckThirdParty SBOM.xml LIB-FOLDER THIRD-PARTY.md");
      System.exit(2);
    }
    Map<String, Library> bill = bill(Path.of(args[0]));
    Map<String, String> table = table(Path.of(args[2]));
    List<String> wrong = new ArrayList<>();
    bill.forEach(
        (name, library) -> {
          String listed = table.get(name);
          if (!library.licences().equals(listed)) {
            wrong.add(
                name
                    + ": found "
                    + (library.licences().isEmpty() ? "no licence" : library.licences())
                    + " in the bill of materials, "
                    + (listed == null ? "and no row" : listed)
                    + " in "
                    + args[2]
                    + "; look at the library's licence, then write it there");
          }
        });
    for (String name : table.keySet()) {
      if (!bill.containsKey(name)) {
        wrong.add(name + ": found in " + args[2] + " alone, expected a library; remove its row");
      }
    }
    TreeSet<String> expected = new TreeSet<>();
    bill.values().forEach(library -> expected.add(library.jar()));
    TreeSet<String> jars = new TreeSet<>();
    try (var files = Files.list(Path.of(args[1]))) {
      files.forEach(file -> jars.add(file.getFileName().toString()));
    }
    if (!jars.equals(expected)) {
      wrong.add(args[1] + ": found " + jars + ", expected the jars of the bill, " + expected);
    }
    wrong.forEach(System.err::println);
    if (bill.isEmpty() || !wrong.isEmpty()) {
      System.err.println("CheckThirdParty: " + wrong.size() + " of " + bill.size() + " differ");
      System.exit(1);
    }
  }

  private static Map<String, String> table(Path file) throws IOException {
    Map<String, String> table = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        table.put(row.group(1), (row.group(3) == null ? row.group(2) : row.group(3)).strip());
      }
    }
    return table;
  }

  private static Map<String, Library> bill(Path file)
      throws IOException, ParserConfigurationException, SAXException {
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    Map<String, Library> bill = new TreeMap<>();
    for (Element components : children(root, "components")) {
      for (Element c : children(components, "component")) {
        TreeSet<String> licences = new TreeSet<>();
        for (Element all : children(c, "licenses")) {
          for (Element licence : children(all, "license")) {
            licences.add(text(licence, text(licence, "id").isEmpty() ? "name" : "id"));
          }
          children(all, "expression").forEach(e -> licences.add(e.getTextContent().strip()));
        }
        bill.put(
            text(c, "group") + ":" + text(c, "name"),
            new Library(
                text(c, "name") + "-" + text(c, "version") + ".jar", String.join(", ", licences)));
      }
    }
    return bill;
  }

  private static String text(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? "" : found.getFirst().getTextContent().strip();
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
      if (n instanceof Element e && name.equals(e.getTagName())) {
        found.add(e);
      }
    }
    return found;
  }
}
