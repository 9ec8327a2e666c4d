// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The report of a network whose every figure can be worked out by hand. */
class ConversionReportTest {
  /**
   * Two pixels -> ReLU (a) -> 1x1 convolution and batch norm -> ReLU (b) -> max pool (m) -> average
   * pool (p) -> linear (fc). Images (k / 8, 0) for k = 1..8: a is 1/8 .. 1 and eight zeros.
   */
  private static Conversion convert(double percentile, double kappa) {
    BatchNorm bn =
        new BatchNorm(
            Tensor.of(new float[] {1}, 1),
            Tensor.of(new float[] {0.25f}, 1),
            Tensor.of(new float[] {0}, 1),
            Tensor.of(new float[] {0.25f}, 1),
            0);
    Window row = new Window(1, 1, 1, 1, 0, 0, 1, 1);
    AnnGraph graph =
        new AnnGraph(
            "by-hand",
            List.of(
                AnnNode.of("in", new Input(new MapShape(1, 1, 2))),
                AnnNode.of("a", new Relu(), "in"),
                AnnNode.of(
                    "conv",
                    new Conv2d(Tensor.of(new float[] {0.7f}, 1, 1, 1, 1), null, row, 1),
                    "a"),
                AnnNode.of("bn", bn, "conv"),
                AnnNode.of("b", new Relu(), "bn"),
                AnnNode.of("m", new MaxPool(row), "b"),
                AnnNode.of("p", new GlobalAvgPool(), "m"),
                AnnNode.of(
                    "fc",
                    new Linear(
                        Tensor.of(new float[] {1, -1}, 2, 1), Tensor.of(new float[] {0, 1}, 2)),
                    "p")));
    Images images =
        new Images() {
          @Override
          public int count() {
            return 8;
          }

          @Override
          public void read(int index, float[] into) {
            into[0] = (index + 1) / 8f;
            into[1] = 0;
          }
        };
    BatchNormFolding.Folded folded = BatchNormFolding.fold(graph);
    Normalisation none = new Normalisation(new float[] {0}, new float[] {1});
    Calibration.Result calibration =
        Calibration.run(new Lowering(folded.graph()), images, none, percentile, Execution.on(1));
    return Converter.convert(
        calibration, new ConvertOptions(0.5, kappa, Precision.I8, none), folded.notes());
  }

  @Test
  void jsonHoldsEveryFigureOfEveryPopulation() {
    JsonNode j = new ObjectMapper().valueToTree(convert(75, 1.25).report());
    assertEquals("by-hand", j.path("network").asText());
    assertEquals("i8", j.path("precision").asText());
    assertEquals(75, j.path("percentile").asDouble());
    assertEquals(0.5, j.path("v0").asDouble());
    assertEquals(1.25, j.path("compensation").asDouble());
    assertEquals(8, j.path("calibrationImages").asInt());
    assertEquals("batch norm bn folded into conv", j.path("notes").get(0).asText());
    assertEquals(1, j.path("notes").size());

    String[] names = {"a", "b", "m", "p", "fc"};
    String[] shapes = {"1x1x2", "1x1x2", "1x1x2", "1x1x1", "2x1x1"};
    String[] models = {"IF", "IF", "max gate", "IF", "IF"};
    assertEquals(names.length, j.path("populations").size());
    for (int p = 0; p < names.length; p++) {
      JsonNode n = j.path("populations").get(p);
      assertEquals(names[p], n.path("name").asText());
      assertEquals(shapes[p], n.path("shape").asText());
      assertEquals(models[p], n.path("model").asText());
      assertEquals(16, n.path("potentialBits").asInt());
    }

    // 16 activations of a: twelve (75 %) are at or below 4/8, four above.
    JsonNode a = j.path("populations").get(0);
    assertEquals(0.5, a.path("lambda").asDouble());
    assertEquals(1, a.path("largestActivation").asDouble());
    assertEquals(0.25, a.path("clippedShare").asDouble());
    assertEquals("a.from.image", a.path("projections").get(0).asText());

    // b = relu(1.4 a + 0.25), so lambda_b = 0.95; theta makes the weight 127.
    JsonNode b = j.path("populations").get(1);
    double lambda = 0.95;
    assertEquals(lambda, b.path("lambda").asDouble(), 1e-6);
    assertEquals(0.25, b.path("clippedShare").asDouble());
    double w = 1.25 * 1.4 * 0.5 / lambda;
    int theta = (int) (127 / w);
    assertEquals(theta, b.path("thetaMin").asInt());
    assertEquals(theta, b.path("thetaMax").asInt());
    long weight = Math.round(w * theta);
    long bias = Math.round(0.25 / lambda * theta);
    assertEquals(bias, b.path("boundLow").asLong());
    assertEquals(bias + weight, b.path("boundHigh").asLong());
    double error = Math.abs((double) weight / theta - w) / w;
    assertEquals(error, b.path("weightErrorMax").asDouble(), 1e-6);
    assertEquals(error, b.path("weightErrorRms").asDouble(), 1e-6);
    assertTrue(error > 1e-4, "the grid must round something here");
    assertEquals("conv", b.path("projections").get(0).asText());

    assertEquals("gate from b", j.path("populations").get(2).path("projections").get(0).asText());
    assertEquals(lambda, j.path("populations").get(3).path("lambda").asDouble(), 1e-6);
    assertEquals("p.average", j.path("populations").get(3).path("projections").get(0).asText());
  }

  @Test
  void textHoldsTheSameTable() {
    ConversionReport r = convert(75, 1.25).report();
    List<String> lines = r.toText().lines().toList();
    assertEquals(
        "by-hand: precision i8, percentile 75.0, V(0) = 0.5 theta, kappa 1.25, 8 calibration"
            + " images",
        lines.getFirst());
    assertEquals(2 + r.populations().size() + 1, lines.size());
    assertTrue(lines.get(2).matches("a +1x1x2 +0\\.5000 +1\\.0000 +25\\.000% .*"), lines.get(2));
    assertEquals("note: batch norm bn folded into conv", lines.getLast());
  }
}
