// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.dynamics.Dynamics;
import io.snnsim.dynamics.DynamicsState;
import io.snnsim.dynamics.NodeGraph;
import io.snnsim.report.DynamicsReport;
import io.snnsim.report.Host;
import io.snnsim.report.Program;
import io.snnsim.work.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/** Runs a graph over presentations, each on one thread, and counts spikes. Stateless. */
public final class GraphSimulation {
  /** Steps between two questions whether to go on. */
  private static final int QUESTION = 64;

  private GraphSimulation() {}

  /**
   * What is to be run.
   *
   * @param name of the graph in the report
   * @param dtFrom who says how long a step is
   * @param recorded numbers of the nodes that are recorded
   * @param recorder null if nothing is kept
   */
  public record Job(
      String name,
      Dynamics dynamics,
      String dtFrom,
      GraphInput input,
      List<Integer> recorded,
      TraceRecorder recorder) {}

  /** Runs all presentations, or those that ended before it was cancelled. */
  public static DynamicsReport run(Job job, Context context) {
    GraphInput input = job.input;
    AtomicLongArray spikes = new AtomicLongArray(job.dynamics.graph().nodes().size());
    AtomicIntegerArray endless = new AtomicIntegerArray(spikes.length());
    AtomicInteger done = new AtomicInteger();
    long began = System.nanoTime();
    try (Progress progress =
        context.listener().progress("simulate", "presentations", input.presentations())) {
      Tasks.run(
          "snnsim-graph",
          context.execution(),
          input.presentations(),
          () -> {
            DynamicsState state = job.dynamics.newState();
            float[] given =
                new float[job.dynamics.graph().shapes().get(job.dynamics.graph().input()).size()];
            TraceRecorder.Writer writer = job.recorder == null ? null : job.recorder.new Writer();
            return p -> {
              if (present(job, state, given, p, writer, context)) {
                for (int n = 0; n < spikes.length(); n++) {
                  spikes.addAndGet(n, state.spikes(n));
                  if (!isFinite(state.potentials(n))) {
                    endless.set(n, 1);
                  }
                }
                done.incrementAndGet();
                progress.add(1);
              }
            };
          });
    }
    for (int n = 0; n < endless.length(); n++) {
      if (endless.get(n) != 0) {
        context
            .listener()
            .warn(
                "V of node "
                    + job.dynamics.graph().nodes().get(n).name()
                    + " grew beyond all numbers; its weights are perhaps of another --dt");
      }
    }
    return report(job, spikes, done.get(), System.nanoTime() - began, context.threads());
  }

  private static boolean isFinite(float[] potentials) {
    for (int i = 0; potentials != null && i < potentials.length; i++) {
      if (!Float.isFinite(potentials[i])) {
        return false;
      }
    }
    return true;
  }

  /** One presentation; false if it did not end. */
  private static boolean present(
      Job job,
      DynamicsState state,
      float[] given,
      int presentation,
      TraceRecorder.Writer writer,
      Context context) {
    state.reset();
    for (int t = 0; t < job.input.steps(); t++) {
      if (t % QUESTION == QUESTION - 1 && context.isCancelled()) {
        return false;
      }
      if (t == 0 || !job.input.held()) {
        job.input.read(presentation, t, given);
      }
      state.step(given);
      if (writer != null) {
        writer.keep(state, presentation, t);
      }
    }
    return true;
  }

  private static DynamicsReport report(
      Job job, AtomicLongArray spikes, int done, long nanos, int threads) {
    Dynamics dynamics = job.dynamics;
    NodeGraph graph = dynamics.graph();
    double dt = dynamics.settings().dt();
    double steps = Math.max(1, (double) done * job.input.steps());
    List<DynamicsReport.Node> nodes = new ArrayList<>();
    List<DynamicsReport.Edge> later = new ArrayList<>();
    for (int n : dynamics.order()) {
      NodeGraph.Node node = graph.nodes().get(n);
      boolean spiking = node.operation().spiking();
      double rate = spikes.get(n) / steps / graph.shapes().get(n).size();
      nodes.add(
          new DynamicsReport.Node(
              node.name(),
              node.operation().kind(),
              graph.shapes().get(n).sizes(),
              spiking ? spikes.get(n) : null,
              spiking ? rate : null,
              spiking ? rate / dt : null));
      for (int s : node.sources()) {
        if (dynamics.stepLater(s, n)) {
          later.add(new DynamicsReport.Edge(graph.nodes().get(s).name(), node.name()));
        }
      }
    }
    return new DynamicsReport(
        1,
        job.name,
        new DynamicsReport.Presentations(done, job.input.presentations(), job.input.understood()),
        new DynamicsReport.Time(
            job.input.steps(),
            dt,
            job.dtFrom,
            dynamics.settings().exact() ? "exact" : "euler",
            dynamics.settings().subtract() ? "subtract" : "file"),
        nodes,
        later,
        job.recorder == null
            ? List.of()
            : job.recorded.stream().map(n -> graph.nodes().get(n).name()).toList(),
        nanos / 1e9,
        threads,
        Host.here().toMap(),
        Program.here().nameAndBuild());
  }
}
