// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links between the pages lead to files, and to headings, that are there. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  /** Pages at the top, and below the folders that hold pages. */
  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String folder : List.of("", "bench", "examples", "weights")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files.filter(LinksTest::isPage).forEach(pages::add);
      }
    }
    for (String folder : List.of("docs", "native-layout")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files.filter(LinksTest::isPage).forEach(pages::add);
      }
    }
    return pages;
  }

  private static boolean isPage(Path file) {
    return file.toString().endsWith(".md");
  }

  /** The headings of a page as they stand behind the # of a link. */
  private static Set<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(h -> h.group(1).strip().toLowerCase(Locale.ROOT))
        .map(h -> h.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void everyLinkBetweenPagesLeadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String target = link.group(1);
        if (target.contains("://")) {
          continue;
        }
        links++;
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        boolean there = Files.exists(file);
        if (there && parts.length == 2 && isPage(file)) {
          there = anchors(file).contains(parts[1]);
        }
        if (!there) {
          broken.add(page + ": " + target);
        }
      }
    }
    assertEquals(List.of(), broken);
    assertTrue(links > 50, "links=" + links);
  }
}
