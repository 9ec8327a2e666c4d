// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.dump.NpzWriter;
import io.snnsim.dynamics.Dims;
import io.snnsim.dynamics.Dynamics;
import io.snnsim.dynamics.DynamicsState;
import io.snnsim.dynamics.NodeGraph;
import io.snnsim.dynamics.Operation;
import io.snnsim.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Keeps what nodes of a graph sent in each step, and V. Presentations end in any order on several
 * threads, so they go to their place in a spill file, from which the .npz is written array by
 * array; memory does not grow with their number or length. Thread-safe, each of its writers is not.
 */
public final class TraceRecorder implements AutoCloseable {
  private static final int MOST_BUFFERED = 1 << 20;

  /** What an array has of a node. */
  private enum Part {
    SPIKES,
    POTENTIALS,
    VALUES
  }

  /**
   * One array of the file.
   *
   * @param start of its bytes in the spill
   */
  private record Trace(String name, int node, Part part, Dims dims, long start) {
    int stepBytes() {
      return dims.size() * (part == Part.SPIKES ? 1 : 4);
    }
  }

  private final Path target;
  private final List<Trace> traces = new ArrayList<>();
  private final int presentations;
  private final int steps;
  private final SpillFile spill;

  /**
   * A recorder of some nodes.
   *
   * @param nodes their numbers
   */
  public TraceRecorder(Path target, Dynamics dynamics, List<Integer> nodes, GraphInput input) {
    this.target = target;
    presentations = input.presentations();
    steps = input.steps();
    long start = 0;
    for (int n : nodes) {
      NodeGraph.Node node = dynamics.graph().nodes().get(n);
      for (Part part : parts(node.operation())) {
        String name = part.name().toLowerCase(Locale.ROOT) + "/" + node.name();
        Trace trace = new Trace(name, n, part, dynamics.graph().shapes().get(n), start);
        traces.add(trace);
        start += (long) presentations * steps * trace.stepBytes();
      }
    }
    spill = new SpillFile(target);
  }

  private static List<Part> parts(Operation operation) {
    boolean neuron = operation instanceof Operation.Neuron;
    return operation.spiking()
        ? neuron ? List.of(Part.SPIKES, Part.POTENTIALS) : List.of(Part.SPIKES)
        : List.of(neuron ? Part.POTENTIALS : Part.VALUES);
  }

  /** Keeps one thread's steps. */
  final class Writer {
    private final ByteBuffer[] buffers = new ByteBuffer[traces.size()];

    Writer() {
      for (int i = 0; i < buffers.length; i++) {
        int bytes = traces.get(i).stepBytes();
        int kept = Math.clamp(MOST_BUFFERED / bytes, 1, steps);
        buffers[i] = ByteBuffer.allocate(kept * bytes).order(ByteOrder.LITTLE_ENDIAN);
      }
    }

    /** Keeps the step that a state computed last. */
    void keep(DynamicsState state, int presentation, int step) {
      for (int i = 0; i < buffers.length; i++) {
        Trace trace = traces.get(i);
        ByteBuffer b = buffers[i];
        put(state, trace, b);
        if (!b.hasRemaining() || step == steps - 1) {
          long end = ((long) presentation * steps + step + 1) * trace.stepBytes();
          spill.write(b.flip(), trace.start + end - b.limit());
          b.clear();
        }
      }
    }

    private static void put(DynamicsState state, Trace trace, ByteBuffer b) {
      switch (trace.part) {
        case SPIKES -> {
          for (float s : state.sent(trace.node)) {
            b.put((byte) s);
          }
        }
        case POTENTIALS -> put(state.potentials(trace.node), b);
        case VALUES -> put(state.sent(trace.node), b);
      }
    }

    private static void put(float[] values, ByteBuffer b) {
      for (float v : values) {
        b.putFloat(v);
      }
    }
  }

  /** Writes the .npz. */
  public void publish(boolean force) {
    AtomicFile.write(
        target,
        force,
        out -> {
          try (NpzWriter npz = new NpzWriter(out)) {
            for (Trace trace : traces) {
              copy(npz, trace);
            }
          }
        });
  }

  private void copy(NpzWriter npz, Trace trace) throws IOException {
    int[] shape = new int[2 + trace.dims.rank()];
    shape[0] = presentations;
    shape[1] = steps;
    for (int d = 2; d < shape.length; d++) {
      shape[d] = trace.dims.sizes().get(d - 2);
    }
    npz.begin(trace.name, trace.part == Part.SPIKES ? "|u1" : "<f4", shape);
    long bytes = (long) presentations * steps * trace.stepBytes();
    for (long at = 0; at < bytes; at += MOST_BUFFERED) {
      ByteBuffer b = ByteBuffer.allocate((int) Math.min(MOST_BUFFERED, bytes - at));
      spill.read(b, trace.start + at);
      npz.rows(b.array());
    }
  }

  @Override
  public void close() {
    spill.close();
  }
}
