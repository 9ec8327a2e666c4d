// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.Pickled.Dict;
import io.snnsim.dump.Pickled.Entry;
import io.snnsim.dump.Pickled.Int;
import io.snnsim.dump.Pickled.Items;
import io.snnsim.dump.Pickled.Storage;
import io.snnsim.dump.Pickled.Str;
import io.snnsim.dump.Pickled.View;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the state dict in what a PyTorch file holds and copies its tensors. Used once, by one
 * thread. All tensors together may be no larger than a file of that length explains, whatever views
 * they are of however few numbers.
 */
final class TorchTensors {
  /** Where checkpoints keep the state dict, the surest first. */
  private static final List<String> STATE_DICTS =
      List.of(
          "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights");

  private static final int DEEPEST = 16;
  private static final int MOST_ENTRIES = 200_000;

  /** A file of float16 or bfloat16 doubles; what is left allows for weights that are shared. */
  private static final int MOST_EXPANSION = 4;

  private static final long SMALL = 1 << 20;

  /** One more than an array of floats has; sums of many do not overflow. */
  private static final long MOST_ELEMENTS = 1L << 31;

  /** Where the numbers lie. */
  interface Storages {
    /**
     * All bytes of a storage.
     *
     * @throws SnnsimException (bad data) if the file has not that many
     */
    ByteBuffer read(String key, long bytes);
  }

  private record Found(String name, View view) {}

  private final TensorCollector into;
  private final String file;
  private final long fileBytes;
  private final List<Found> found = new ArrayList<>();
  private final List<String> ignored = new ArrayList<>();
  private int entries;

  TorchTensors(TensorCollector into, String file, long fileBytes) {
    this.into = into;
    this.file = file;
    this.fileBytes = fileBytes;
  }

  /** Gives the tensors of the state dict to the collector. */
  void collect(Pickled root, Storages storages) {
    if (!(root instanceof Dict all)) {
      throw bad(
          "found " + described(root) + ", expected a dictionary of tensors; " + TorchGlobals.HOW);
    }
    walk(stateDict(all), "", 0);
    if (found.isEmpty()) {
      throw bad(
          "found no tensors ("
              + (ignored.isEmpty() ? "an empty dictionary" : Text.some(ignored, 4))
              + "), expected a state dict; "
              + TorchGlobals.HOW);
    }
    if (!ignored.isEmpty()) {
      into.note(Text.some(ignored, 6) + " ignored, as no tensors");
    }
    List<Found> wanted = new ArrayList<>();
    for (Found f : found) {
      if (!into.skip(f.name, elements(f))) {
        if (!f.view.type().isFloat()) {
          throw into.wrongType(f.name, f.view.type().label());
        }
        wanted.add(f);
      }
    }
    copy(wanted, storages);
  }

  private Dict stateDict(Dict all) {
    for (String key : STATE_DICTS) {
      if (all.get(key) instanceof Dict inner
          && inner.entries().stream().anyMatch(e -> holdsTensors(e.value()))) {
        List<String> others =
            all.entries().stream().map(e -> name(e.key())).filter(n -> !n.equals(key)).toList();
        into.note(
            "weights of '"
                + key
                + "' taken"
                + (others.isEmpty() ? "" : "; left out: " + Text.some(others, 6)));
        return inner;
      }
    }
    return all;
  }

  private static boolean holdsTensors(Pickled value) {
    return value instanceof View
        || value instanceof Dict d && d.entries().stream().anyMatch(e -> e.value() instanceof View);
  }

  private void walk(Pickled value, String name, int depth) {
    if (++entries > MOST_ENTRIES || depth > DEEPEST) {
      throw bad(
          "found dictionaries of more than "
              + MOST_ENTRIES
              + " entries, nested deeper than "
              + DEEPEST
              + " or in a circle, expected a state dict; "
              + TorchGlobals.HOW);
    }
    String before = name.isEmpty() ? "" : name + ".";
    switch (value) {
      case View v -> found.add(new Found(name, v));
      case Dict(var list) -> {
        for (Entry e : list) {
          walk(e.value(), before + name(e.key()), depth + 1);
        }
      }
      case Items(var list) -> {
        for (int i = 0; i < list.size(); i++) {
          walk(list.get(i), before + i, depth + 1);
        }
      }
      case Pickled.Plain p -> ignored.add(name);
      case Str s -> ignored.add(name);
      case Int i -> ignored.add(name);
      case Pickled.Huge h -> ignored.add(name);
      case Pickled.Global g -> ignored.add(name);
      case Storage s -> ignored.add(name);
    }
  }

  private static String name(Pickled key) {
    return switch (key) {
      case Str(String text) -> text;
      case Int(long n) -> Long.toString(n);
      default -> "?";
    };
  }

  private static String described(Pickled value) {
    return switch (value) {
      case View v -> "a single tensor";
      case Items i -> "a list";
      default -> "a single value";
    };
  }

  /** The elements of a tensor, or a number that no tensor has. */
  private static long elements(Found f) {
    long n = 1;
    for (long size : f.view.shape()) {
      if (size == 0) {
        return 0;
      }
      n = size > MOST_ELEMENTS / n ? MOST_ELEMENTS : n * size;
    }
    return n;
  }

  /** Its elements, or a dimension that is larger, as in an empty tensor. */
  private static long largest(Found f) {
    return Math.max(elements(f), Arrays.stream(f.view.shape()).max().orElse(0));
  }

  private void copy(List<Found> wanted, Storages storages) {
    long bytes = 0;
    Map<String, List<Integer>> byStorage = new LinkedHashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      Found f = wanted.get(i);
      bytes += 4 * elements(f);
      if (bytes > MOST_EXPANSION * fileBytes + SMALL || largest(f) >= MOST_ELEMENTS / 4) {
        throw SnnsimException.badData(
            into.where(f.name)
                + ": found shape "
                + Arrays.toString(f.view.shape())
                + " in a file of "
                + fileBytes
                + " bytes, expected tensors that it holds, each of less than 2 GiB; save copies"
                + " of views with .contiguous()");
      }
      byStorage.computeIfAbsent(f.view.storage().key(), k -> new ArrayList<>()).add(i);
    }
    // A storage at a time, however its tensors lie among others', so that none is read twice.
    Tensor[] tensors = new Tensor[wanted.size()];
    byStorage.forEach(
        (key, list) -> {
          ByteBuffer data = null;
          Storage first = wanted.get(list.getFirst()).view.storage();
          for (int i : list) {
            Found f = wanted.get(i);
            check(f, first);
            if (data == null) {
              data = storages.read(key, bytes(first));
            }
            tensors[i] = tensor(f.view, data);
          }
        });
    for (int i = 0; i < tensors.length; i++) {
      into.put(wanted.get(i).name, tensors[i]);
    }
  }

  private static long bytes(Storage s) {
    long item = s.type() == null ? 1 : s.type().bytes();
    return s.elements() > Integer.MAX_VALUE ? Long.MAX_VALUE : s.elements() * item;
  }

  /** Refuses a tensor that reaches beyond its storage, or storages of one name that differ. */
  private void check(Found f, Storage first) {
    View v = f.view;
    long bytes = bytes(v.storage());
    long last;
    boolean fits = v.storage().type() == first.type() && v.storage().elements() == first.elements();
    if (fits && elements(f) > 0) {
      try {
        last = Math.addExact(v.storage().first(), v.offset());
        for (int d = 0; d < v.shape().length; d++) {
          last = Math.addExact(last, Math.multiplyExact(v.shape()[d] - 1, v.strides()[d]));
        }
        fits = Math.multiplyExact(Math.addExact(last, 1), v.type().bytes()) <= bytes;
      } catch (ArithmeticException e) {
        fits = false;
      }
    }
    if (!fits) {
      throw SnnsimException.badData(
          into.where(f.name)
              + ": found shape "
              + Arrays.toString(v.shape())
              + " with strides "
              + Arrays.toString(v.strides())
              + " from element "
              + v.offset()
              + " of storage "
              + Text.oneLine(v.storage().key())
              + ", expected elements among its "
              + first.elements()
              + "; the file is damaged");
    }
  }

  private static Tensor tensor(View v, ByteBuffer data) {
    int[] shape = new int[v.shape().length];
    int n = 1;
    for (int d = 0; d < shape.length; d++) {
      shape[d] = (int) v.shape()[d];
      n *= shape[d];
    }
    float[] values = new float[n];
    int[] at = new int[shape.length];
    long from = v.storage().first() + v.offset();
    for (int i = 0; i < n; i++) {
      values[i] = v.type().at(data, (int) from * v.type().bytes());
      for (int d = shape.length - 1; d >= 0; d--) {
        from += v.strides()[d];
        if (++at[d] < shape[d]) {
          break;
        }
        from -= v.strides()[d] * shape[d];
        at[d] = 0;
      }
    }
    return new Tensor(shape, values);
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(file + ": " + what);
  }
}
