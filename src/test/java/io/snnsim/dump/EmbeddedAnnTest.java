// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.ann.AnnGraph;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ANN inside a model file: read back to the bit, and never trusted. */
class EmbeddedAnnTest {
  private static final AnnGraph GRAPH =
      GraphJson.read(fixture("operators.json"), WeightDump.read(fixture("operators.npz")));
  private static final EmbeddedAnn SOUND = EmbeddedAnn.encode(GRAPH);

  private static EmbeddedAnn with(String graph) {
    return new EmbeddedAnn(graph.getBytes(StandardCharsets.UTF_8), SOUND.tensors());
  }

  private static String text() {
    return new String(SOUND.graph(), StandardCharsets.UTF_8);
  }

  @Test
  void itIsReadBackToTheBit() {
    AnnGraph again = SOUND.decode("m.snn");
    assertEquals(GraphJson.write(GRAPH), GraphJson.write(again));
    assertEquals(GRAPH.parameters().keySet(), again.parameters().keySet());
    GRAPH
        .parameters()
        .forEach(
            (name, t) -> {
              assertArrayEquals(t.shape(), again.parameters().get(name).shape(), name);
              assertArrayEquals(t.data(), again.parameters().get(name).data(), name);
            });
    EmbeddedAnn twice = EmbeddedAnn.encode(again);
    assertArrayEquals(SOUND.graph(), twice.graph());
    assertArrayEquals(SOUND.tensors(), twice.tensors());
  }

  @Test
  void graphAndTensorsMustFit() {
    byte[] t = SOUND.tensors();
    refused(
        () -> new EmbeddedAnn(SOUND.graph(), Arrays.copyOf(t, t.length - 4)).decode("m.snn"),
        "m.snn[ann.tensors]: found tensor \"logits.weight\" of shape [4,5]");
    refused(
        () -> new EmbeddedAnn(SOUND.graph(), Arrays.copyOf(t, t.length + 4)).decode("m.snn"),
        "m.snn[ann.tensors]: found 4 bytes that no tensor claims");
    refused(
        () ->
            new EmbeddedAnn(
                    "{\"tensors\": [{\"name\": \"w\", \"shape\": []}]}"
                        .getBytes(StandardCharsets.UTF_8),
                    new byte[0])
                .decode("m.snn"),
        "m.snn[ann.tensors]: found tensor \"w\" of shape []");
    refused(() -> with("").decode("m.snn"), "m.snn[ann.graph]: found no list of tensors");
    refused(() -> with("{").decode("m.snn"), "m.snn[ann.graph]: not JSON");
    refused(() -> with("{\"tensors\": 5}").decode("m.snn"), "found no list of tensors");
    refused(() -> with("{\"tensors\": []}").decode("m.snn"), "bytes that no tensor claims");
    refused(
        () -> with("{\"tensors\": [{\"name\": \"a\", \"shape\": [-1]}]}").decode("m.snn"),
        "found tensor \"a\" of shape [-1]");
    refused(
        () ->
            with("{\"tensors\": [{\"name\": \"a\", \"shape\": [2147483647, 2147483647]}]}")
                .decode("m.snn"),
        "found tensor \"a\"");
    refused(
        () -> with(text().replace("\"stem.weight\"", "\"stern.weight\"")).decode("m.snn"),
        "m.snn[ann.graph], node stem: weight: found no tensor stem.weight in m.snn[ann.tensors]");
    refused(
        () -> with(text().replace("\"logits.weight\"", "\"stem.weight\"")).decode("m.snn"),
        "m.snn[ann.tensors]: found two tensors stem.weight");
  }

  /** Every byte of the graph's text set to three others: a graph, or refused in one line. */
  @Tag("slow")
  @Test
  void bytesOfTheTextMayBeWrong() {
    byte[] graph = SOUND.graph();
    int refused = 0;
    for (int i = 0; i < graph.length; i += 7) {
      for (byte b : new byte[] {'9', '"', ' '}) {
        byte was = graph[i];
        graph[i] = b;
        try {
          new EmbeddedAnn(graph, SOUND.tensors()).decode("m.snn");
        } catch (SnnsimException e) {
          assertEquals(Category.BAD_DATA, e.category());
          assertEquals(1, e.getMessage().lines().count(), e.getMessage());
          refused++;
        } finally {
          graph[i] = was;
        }
      }
    }
    assertArrayEquals(graph, EmbeddedAnn.encode(GRAPH).graph());
    assertEquals(true, refused > 200, refused + " refused");
  }
}
