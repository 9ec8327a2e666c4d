// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.file.Text;
import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.dump.layers.Value;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Goes through a model from what its output depends on to the output, into the models within it.
 * Used once, by one thread.
 */
final class ModelReader {
  /** Uses of layers; models that use others many times would make more of a small file. */
  private static final int MOST_LAYERS = 20_000;

  private final Reading to;
  private int layers;

  ModelReader(Reading to) {
    this.to = to;
  }

  /** Reads the whole network. */
  void read(Model model) {
    Signal output = run(model, List.of(), image(model));
    if (to.isImage(output)) {
      throw SnnsimException.badData(
          model.where() + ": found no layer between input and output, expected some");
    }
    if (output.shuffled()) {
      output =
          to.misfit(
              model.layers().get(model.output().layer()),
              "found a flattened map as the output, expected numbers of classes",
              "end the model with a Dense layer or a global pool",
              output);
    }
    to.graph().output(output.value());
  }

  /** The network's input. */
  private Signal image(Model model) {
    Layer input = model.layers().get(model.input());
    String option = input.has("batch_shape") ? "batch_shape" : "batch_input_shape";
    if (!input.kind().equals("InputLayer")) {
      throw input.bad("found " + input.kind() + " as the input, expected an InputLayer");
    }
    int[] dims = input.shape(input.config().get(option), option);
    Layer reader = onlyReader(model);
    if (dims.length <= 2 && reader != null && reader.kind().equals("Reshape")) {
      // Images given as rows of pixels lie as the model makes them.
      long size = 1;
      for (int d : dims) {
        size = Math.min(size * d, Integer.MAX_VALUE);
      }
      dims = Shaping.target(reader, (int) size);
    }
    boolean grey = dims.length == 2 && !hasSequences(model);
    if (dims.length > 3) {
      throw input.bad(option, "images of height, width, channels");
    }
    MapShape shape = grey ? new MapShape(1, dims[0], dims[1]) : Shaping.shape(to, dims);
    Value value = to.image(shape);
    return switch (dims.length) {
      case 1 -> Signal.flat(value);
      case 2 -> Signal.of(value, grey ? Form.GREY : Form.SEQUENCE);
      default -> Signal.of(value, Form.MAP);
    };
  }

  private static boolean hasSequences(Model model) {
    return model.layers().values().stream()
        .anyMatch(l -> l.kind().endsWith("1D") || (l.nested() != null && hasSequences(l.nested())));
  }

  /** The layer that alone reads the input, or null. */
  private static Layer onlyReader(Model model) {
    List<Layer> readers =
        model.layers().values().stream()
            .filter(
                l ->
                    l.calls().stream()
                        .flatMap(c -> c.reads().stream())
                        .anyMatch(r -> r.layer().equals(model.input())))
            .toList();
    return readers.size() == 1 ? readers.getFirst() : null;
  }

  private Signal run(Model model, List<String> path, Signal input) {
    to.in(path, model);
    Map<Ref, Signal> done = new HashMap<>();
    Deque<Ref> open = new ArrayDeque<>();
    Set<Ref> begun = new HashSet<>();
    Ref output = known(model, model.output());
    open.push(output);
    while (!open.isEmpty()) {
      Ref at = open.peek();
      if (done.containsKey(at)) {
        open.pop();
        continue;
      }
      Layer layer = model.layers().get(at.layer());
      List<Ref> reads = reads(model, layer, at);
      List<Ref> missing = reads.stream().filter(r -> !done.containsKey(r)).toList();
      if (missing.isEmpty()) {
        List<Signal> in = reads.stream().map(done::get).toList();
        done.put(
            at, layer.name().equals(model.input()) ? input : apply(layer, at.call(), path, in));
        to.in(path, model);
        open.pop();
      } else if (begun.add(at)) {
        missing.reversed().forEach(open::push);
      } else {
        throw layer.bad("found a circle of layers, expected each to read earlier ones");
      }
    }
    return done.get(output);
  }

  private static List<Ref> reads(Model model, Layer layer, Ref at) {
    if (layer.name().equals(model.input())) {
      return List.of();
    }
    if (layer.calls().isEmpty()) {
      throw layer.bad(
          layer.kind().equals("InputLayer")
              ? "found a second input beside "
                  + Text.oneLine(model.input())
                  + ", expected one; save a model of one input"
              : "found no layer that it reads, expected one");
    }
    return layer.calls().get(at.call()).reads().stream().map(r -> known(model, r)).toList();
  }

  /** What is named, as its own layer counts its calls. */
  private static Ref known(Model model, Ref ref) {
    Layer layer = model.layers().get(ref.layer());
    if (layer == null) {
      throw SnnsimException.badData(
          model.where()
              + ": found no layer "
              + Text.oneLine(ref.layer())
              + ", which another reads or which is the output, expected it among the layers");
    }
    // Versions differ in whether a model within another counts the use in itself.
    int calls = layer.calls().size();
    int call = calls <= 1 ? 0 : ref.call();
    if (call < 0 || call >= Math.max(1, calls) || ref.tensor() != 0) {
      throw layer.bad(
          "found that result "
              + ref.tensor()
              + " of its use "
              + ref.call()
              + " is read, expected result 0 of "
              + calls
              + " uses; layers of several results cannot be imported");
    }
    return new Ref(layer.name(), call, 0);
  }

  private Signal apply(Layer layer, int call, List<String> path, List<Signal> in) {
    if (++layers > MOST_LAYERS) {
      throw layer.bad("found more than " + MOST_LAYERS + " uses of layers, expected fewer");
    }
    if (layer.nested() == null) {
      try {
        return LayerReader.read(to, layer, layer.calls().get(call), in);
      } catch (SnnsimException e) {
        if (to.graph().obstacles().isEmpty()) {
          throw e;
        }
        // Perhaps it does not fit only because of a layer before it.
        return to.misfit(layer, e.getMessage(), "", in.toArray(Signal[]::new));
      }
    }
    if (in.size() != 1) {
      throw layer.bad("found a model of " + in.size() + " inputs, expected one");
    }
    List<String> inner = new ArrayList<>(path);
    inner.add(layer.name());
    return run(layer.nested(), List.copyOf(inner), in.getFirst());
  }
}
