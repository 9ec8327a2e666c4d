// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.GraphJson;
import io.snnsim.dump.NetworkFile;
import io.snnsim.dump.NpzWriter;
import io.snnsim.error.Category;
import io.snnsim.report.NetworkPicture;
import io.snnsim.report.NetworkTable;
import io.snnsim.study.NetworkDescription;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim describe}. */
@Command(
    name = "describe",
    description =
        "Shows how a network file is understood, layer by layer, and everything that stands in the"
            + " way of a conversion.",
    footer = {
      "%nExamples:",
      "  snnsim describe resnet18.onnx",
      "  snnsim describe net.h5 --svg net.svg",
      "  snnsim describe net.onnx --graph net.json --tensors net.npz",
      "%nExit code 65 if it cannot be converted."
    })
final class DescribeCommand extends SnnsimCommand {
  @Parameters(
      paramLabel = "FILE",
      description = "ONNX, Keras, NIR, or weights as convert reads them.")
  private Path file;

  @Option(
      names = "--arch",
      description = "Of weights: a family or a JSON graph file, as convert takes it.")
  private String arch;

  @Option(
      names = "--size",
      split = ",",
      paramLabel = "H,W",
      description = "Height and width of the images, where weights leave them open.")
  private int[] size;

  @Option(
      names = "--graph",
      paramLabel = "FILE",
      description = "Write the graph as JSON (docs/schema/graph.md), for convert --arch.")
  private Path graph;

  @Option(
      names = "--tensors",
      paramLabel = "FILE",
      description = "Write the tensors that --graph names, as .npz.")
  private Path tensors;

  @Option(names = "--svg", paramLabel = "FILE", description = "Draw the graph.")
  private Path svg;

  @Mixin private JsonOption json;

  @Mixin private OutputFiles files;

  @Override
  public Integer call() {
    require(
        size == null || size.length == 2 && size[0] > 0 && size[1] > 0,
        "--size: expected height and width, such as 224,224");
    files.check("--graph", graph, file, tensors, svg, json.file());
    files.check("--tensors", tensors, file, graph, svg, json.file());
    files.check("--svg", svg, file, graph, tensors, json.file());
    files.check("--json", json.file(), file, graph, tensors, svg);
    NetworkFile.Understood read = NetworkFile.understand(file, arch, size);
    NetworkTable table = NetworkDescription.of(file.toString(), read);
    json.print(out(), files, table::text, () -> JsonOption.tree(table));
    if (read.graph() != null && read.obstacles().isEmpty()) {
      files.write(graph, GraphJson.write(read.graph()));
      files.write(tensors, stream -> write(read.graph().parameters(), stream));
    }
    if (!table.layers().isEmpty()) {
      files.write(svg, NetworkPicture.svg(table));
    }
    return table.obstacles().isEmpty() ? 0 : Category.BAD_DATA.exitCode();
  }

  private static void write(Map<String, Tensor> all, OutputStream to) throws IOException {
    try (NpzWriter npz = new NpzWriter(to)) {
      for (Map.Entry<String, Tensor> e : all.entrySet()) {
        float[] values = e.getValue().data();
        npz.begin(e.getKey(), "<f4", e.getValue().shape());
        npz.rows(values);
      }
    }
  }
}
