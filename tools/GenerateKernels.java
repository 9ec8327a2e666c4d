// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the kernels that differ in nothing but lane type, weight type or tile size from templates;
 * src/main/templates/README.md says how those are written. Needs the JDK only.
 *
 * <p>usage: java tools/GenerateKernels.java FOLDER, where io/snnsim/kernel is to lie.
 */
final class GenerateKernels {
  private static final Path TEMPLATES = Path.of("src/main/templates");
  private static final String MARK = "DO NOT EDIT: made from src/main/templates/";
  private static final int COLUMNS = 100;

  private final Map<String, Object> values = new HashMap<>();
  private final List<String> lines;
  private final String where;
  private final List<String> out = new ArrayList<>();
  private int at;

  private GenerateKernels(String where, List<String> lines, Map<String, Object> values) {
    this.where = where;
    this.lines = lines;
    this.values.putAll(values);
  }

  public static void main(String[] args) throws IOException {
    Path target = Path.of(args[0]).resolve("io/snnsim/kernel");
    Map<String, Map<String, Object>> types = new HashMap<>();
    for (String line : Files.readAllLines(TEMPLATES.resolve("kernels.list"))) {
      String[] words = line.strip().split("\\s+");
      switch (words[0]) {
        case "type" -> types.put(words[1], parameters(words, 2));
        case "kernel" -> {
          Map<String, Object> values = new HashMap<>();
          parameters(words, 3).forEach((key, value) -> put(values, key, value, types));
          Path file = target.resolve(words[2] + ".java");
          values.put("name", file.getFileName().toString().replace(".java", ""));
          Files.createDirectories(file.getParent());
          Files.writeString(file, generate(words[1], values));
        }
        default -> {
          if (!line.isBlank() && !line.startsWith("#")) {
            throw new IllegalArgumentException("kernels.list: found " + line);
          }
        }
      }
    }
  }

  private static Map<String, Object> parameters(String[] words, int from) {
    Map<String, Object> result = new HashMap<>();
    for (int i = from; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      String value = words[i].substring(equals + 1).replace('~', ' ');
      result.put(words[i].substring(0, equals), value(value));
    }
    return result;
  }

  /** A number, if it is one. */
  private static Object value(String text) {
    return text.matches("\\d+") ? (Object) Integer.valueOf(text) : text;
  }

  /** A parameter that names a type stands for what is said of that type, lane's without prefix. */
  private static void put(
      Map<String, Object> values,
      String key,
      Object value,
      Map<String, Map<String, Object>> types) {
    values.put(key, value);
    String prefix = key.equals("lane") ? "" : key + ".";
    types.getOrDefault(value, Map.of()).forEach((k, v) -> values.put(prefix + k, v));
  }

  private static String generate(String template, Map<String, Object> values) throws IOException {
    Path file = TEMPLATES.resolve(template + ".java.template");
    var generator = new GenerateKernels(file.toString(), Files.readAllLines(file), values);
    generator.block(true);
    List<String> java = generator.laidOut();
    // After the licence.
    java.add(1, "// " + MARK + template + ".java.template by tools/generate-kernels.sh.");
    return String.join("\n", java) + "\n";
  }

  private IllegalArgumentException error(String what) {
    return new IllegalArgumentException(where + ":" + at + ": " + what);
  }

  // Directives.

  /** Copies lines up to the end of the block, or skips them. Returns the word that ended it. */
  private String block(boolean active) {
    while (at < lines.size()) {
      String line = lines.get(at++);
      String[] words = line.strip().split("\\s+", 2);
      switch (words[0]) {
        case "#end", "#else" -> {
          return words[0];
        }
        case "#if" -> {
          boolean yes = active && truth(evaluate(words[1]));
          if (block(yes).equals("#else")) {
            block(active && !yes);
          }
        }
        case "#for" -> loop(words[1], active);
        case "#let" -> {
          if (active) {
            let(words[1]);
          }
        }
        default -> {
          if (active) {
            out.add(substitute(line));
          }
        }
      }
    }
    return "";
  }

  /** NAMES in ITEMS: items are FROM..TO, or separated by commas, with a colon between names. */
  private void loop(String words, boolean active) {
    String[] parts = words.split(" in ", 2);
    String[] names = parts[0].strip().split(",");
    List<String> items = new ArrayList<>();
    int range = parts[1].indexOf("..");
    if (active && range >= 0) {
      int to = (Integer) evaluate(parts[1].substring(range + 2));
      for (int i = (Integer) evaluate(parts[1].substring(0, range)); i < to; i++) {
        items.add(Integer.toString(i));
      }
    } else if (active) {
      items.addAll(List.of(parts[1].split(",")));
    }
    int start = at;
    for (String item : items) {
      at = start;
      String[] fields = item.split(":", -1);
      for (int i = 0; i < names.length; i++) {
        values.put(names[i].strip(), value(fields[i]));
      }
      block(true);
    }
    if (items.isEmpty()) {
      block(false);
    }
  }

  /** NAME [if CONDITION] = "TEXT"; nothing if the condition does not hold. */
  private void let(String words) {
    String[] parts = words.split(" = ", 2);
    String[] left = parts[0].strip().split(" if ", 2);
    String text = parts[1].strip();
    boolean holds = left.length == 1 || truth(evaluate(left[1]));
    values.put(left[0].strip(), holds ? substitute(text.substring(1, text.length() - 1)) : "");
  }

  private String substitute(String line) {
    StringBuilder result = new StringBuilder();
    int from = 0;
    for (int open = line.indexOf('$'); open >= 0; open = line.indexOf('$', from)) {
      int close = line.indexOf('$', open + 1);
      if (close < 0) {
        throw error("no closing $");
      }
      result.append(line, from, open).append(evaluate(line.substring(open + 1, close)));
      from = close + 1;
    }
    return result.append(line.substring(from)).toString();
  }

  // Expressions.

  /** From those that bind least. Blanks tell them from what they stand between. */
  private static final List<String> OPERATORS =
      List.of(" && ", " == ", " != ", " > ", " + ", " - ", " * ");

  private static boolean truth(Object value) {
    return !value.equals(0);
  }

  private Object evaluate(String text) {
    String expression = text.strip();
    for (String operator : OPERATORS) {
      // The last one, as a - b - c is (a - b) - c.
      int middle = expression.lastIndexOf(operator);
      if (middle >= 0) {
        Object left = evaluate(expression.substring(0, middle));
        return apply(operator, left, evaluate(expression.substring(middle + operator.length())));
      }
    }
    return operand(expression);
  }

  private static Object apply(String operator, Object a, Object b) {
    return switch (operator.strip()) {
      case "==" -> a.equals(b) ? 1 : 0;
      case "!=" -> a.equals(b) ? 0 : 1;
      case "&&" -> truth(a) && truth(b) ? 1 : 0;
      case ">" -> (Integer) a > (Integer) b ? 1 : 0;
      case "+" -> (Integer) a + (Integer) b;
      case "-" -> (Integer) a - (Integer) b;
      case "*" -> (Integer) a * (Integer) b;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private Object operand(String word) {
    if (word.startsWith("!")) {
      return truth(operand(word.substring(1))) ? 0 : 1;
    }
    if (word.equals("\"\"")) {
      return "";
    }
    if (!word.matches("\\d+") && !values.containsKey(word)) {
      throw error("nothing is named " + word);
    }
    return values.getOrDefault(word, value(word));
  }

  // Layout.

  /** A line with the lines that continue it: those indented by four or more. */
  private record Node(int indent, String text, List<Node> children) {
    String flat() {
      StringBuilder all = new StringBuilder(text);
      for (Node child : children) {
        all.append(gap(all, child.text)).append(child.flat());
      }
      return all.toString();
    }

    private static String gap(CharSequence before, String after) {
      return before.charAt(before.length() - 1) == '(' || after.startsWith(".") ? "" : " ";
    }

    /** As google-java-format does it: on one line, else arguments on the next, else each on one. */
    void layOut(List<String> to) {
      String flat = flat();
      if (indent + flat.length() <= COLUMNS || children.isEmpty()) {
        to.add(" ".repeat(indent) + flat);
        return;
      }
      to.add(" ".repeat(indent) + text);
      Node first = children.getFirst();
      StringBuilder next = new StringBuilder();
      for (Node child : children) {
        next.append(next.isEmpty() ? "" : " ").append(child.flat());
      }
      if (text.endsWith("(") && first.indent + next.length() <= COLUMNS) {
        to.add(" ".repeat(first.indent) + next);
      } else {
        children.forEach(child -> child.layOut(to));
      }
    }
  }

  /** Joins continued lines as far as they fit, since types differ in the length of their names. */
  private List<String> laidOut() {
    List<String> result = new ArrayList<>();
    for (int i = 0; i < out.size(); ) {
      Node node = new Node(indent(out.get(i)), out.get(i).strip(), new ArrayList<>());
      i = continuation(node, i + 1);
      node.layOut(result);
    }
    for (String line : result) {
      if (line.length() > COLUMNS) {
        throw error("break this line: " + line);
      }
    }
    return result;
  }

  private int continuation(Node node, int from) {
    int i = from;
    while (i < out.size() && !out.get(i).isBlank() && indent(out.get(i)) >= node.indent + 4) {
      Node child = new Node(indent(out.get(i)), out.get(i).strip(), new ArrayList<>());
      node.children.add(child);
      i = continuation(child, i + 1);
    }
    return i;
  }

  private static int indent(String line) {
    return line.length() - line.stripLeading().length();
  }
}
