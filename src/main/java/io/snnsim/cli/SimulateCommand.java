// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.dump.DynamicsFile;
import io.snnsim.dump.nir.NirDynamics;
import io.snnsim.dynamics.Dynamics;
import io.snnsim.dynamics.NodeGraph;
import io.snnsim.dynamics.Settings;
import io.snnsim.error.SnnsimException;
import io.snnsim.report.DynamicsReport;
import io.snnsim.study.Context;
import io.snnsim.study.GraphInput;
import io.snnsim.study.GraphSimulation;
import io.snnsim.study.TraceRecorder;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim simulate}. */
@Command(
    name = "simulate",
    description = {
      "Simulates a NIR graph as it is: leaky, current-based and recurrent neurons, delays.",
      "Nothing is converted. docs/guide/nir.md has the equations and the order of the arithmetic,"
          + " which is float32 and the same on every machine."
    },
    footer = {
      "%nExamples:",
      "  snnsim simulate braille.nir spikes.npy --dt 1e-4 -o traces.npz",
      "  snnsim simulate cnn.nir test.npz --steps 100 --normalize mnist --limit 20",
      "%nINPUT holds [steps, ...] or [presentations, steps, ...] of the shape that the graph takes;"
          + " with --steps T images or [presentations, ...], each held for T steps."
    })
final class SimulateCommand extends SnnsimCommand {
  private static final double LONGEST_DT = 1e9;

  /** How V decays within a step. */
  private enum Decay {
    EULER,
    EXACT
  }

  /** What becomes of V at a spike. */
  private enum Reset {
    FILE,
    SUBTRACT
  }

  @Parameters(index = "0", paramLabel = "GRAPH", description = "NIR graph, .nir.")
  private Path graph;

  @Parameters(
      index = "1",
      paramLabel = "INPUT",
      description = "Numbers, .npy or .npz; with --steps images as other commands read them too.")
  private Path data;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "INPUT has no steps: hold each value for T of them.")
  private Integer steps;

  @Option(
      names = "--dt",
      paramLabel = "S",
      description = "Seconds a step. Default: what the file's metadata says as dt, or else 0.0001.")
  private Double dt;

  @Option(
      names = "--decay",
      defaultValue = "euler",
      description =
          "Within a step: euler, as NIR's reference, or exact, the exponential. Default:"
              + " ${DEFAULT-VALUE}.")
  private Decay decay;

  @Option(
      names = "--reset",
      defaultValue = "file",
      description =
          "At a spike: file, to v_reset where the file has it, else by subtraction; or subtract,"
              + " always by subtraction. Default: ${DEFAULT-VALUE}.")
  private Reset reset;

  @Option(
      names = "--record",
      split = ",",
      paramLabel = "NODE",
      description = "Nodes whose every step -o gets. Default: those before the output.")
  private List<String> record;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write spikes and potentials of the recorded nodes as .npz for NumPy.")
  private Path output;

  @Mixin private LimitOption limit;

  @Mixin private PictureOptions pictures;

  @Mixin private NormalisationOptions normalisation;

  @Mixin private ThreadsOption threads;

  @Mixin private JsonOption json;

  @Mixin private OutputFiles files;

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    within("--steps", steps == null ? 1 : steps, MOST_STEPS);
    limit.check();
    require(
        dt == null || dt > 0 && dt <= LONGEST_DT,
        "--dt: found " + dt + ", expected seconds, more than 0 and no more than 1e9");
    require(
        record == null || output != null,
        "--record: found without -o, expected both; give the file that gets the nodes: -o"
            + " traces.npz");
    NormalisationOptions.Values given = normalisation.values();
    GraphInput.Wanted wanted =
        new GraphInput.Wanted(
            steps, pictures.options(limit.most(), false), given.mean(), given.std());
    files.check("--json", json.file(), graph, data, output);
    files.check("-o", output, graph, data);
    Context context = context(threads.checked(), quiet.given());
    NirDynamics.Found found = DynamicsFile.read(graph);
    NodeGraph nodes = found.graph();
    List<Integer> recorded = recorded(nodes);
    GraphInput input =
        GraphInput.of(data, nodes.shapes().get(nodes.input()), wanted, context.listener());
    Dynamics dynamics =
        Dynamics.of(
            nodes,
            new Settings(step(nodes), decay == Decay.EXACT, reset == Reset.SUBTRACT),
            Math.min(context.threads(), input.presentations()),
            found.refusal());
    DynamicsReport report;
    try (TraceRecorder recorder =
        output == null ? null : new TraceRecorder(output, dynamics, recorded, input)) {
      report =
          GraphSimulation.run(
              new GraphSimulation.Job(
                  graph.toString(), dynamics, stepFrom(nodes), input, recorded, recorder),
              context);
      if (context.isCancelled() && report.presentations().done() == 0) {
        return interrupted();
      }
      if (recorder != null) {
        recorder.publish(files.force());
      }
    }
    json.print(out(), files, report::toText, () -> JsonOption.tree(report));
    return exitCode(context);
  }

  private double step(NodeGraph nodes) {
    return dt != null ? dt : nodes.dt() > 0 ? nodes.dt() : Settings.USUAL_DT;
  }

  private String stepFrom(NodeGraph nodes) {
    return dt != null ? "--dt" : nodes.dt() > 0 ? "the file" : "neither --dt nor the file says";
  }

  private List<Integer> recorded(NodeGraph graph) {
    if (record == null) {
      return graph.results();
    }
    List<String> names = graph.nodes().stream().map(NodeGraph.Node::name).toList();
    Set<Integer> numbers = new LinkedHashSet<>();
    for (String name : record) {
      int n = names.indexOf(name);
      if (n < 0) {
        String few = String.join(", ", names.subList(0, Math.min(names.size(), 12)));
        throw SnnsimException.usage(
            String.format(
                Locale.ROOT,
                "--record: found %s, expected nodes of the graph: %s%s",
                name,
                few,
                names.size() > 12 ? ", ..." : ""));
      }
      numbers.add(n);
    }
    return List.copyOf(numbers);
  }
}
