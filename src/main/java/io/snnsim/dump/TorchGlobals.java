// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.Pickled.Dict;
import io.snnsim.dump.Pickled.Entry;
import io.snnsim.dump.Pickled.Global;
import io.snnsim.dump.Pickled.Int;
import io.snnsim.dump.Pickled.Items;
import io.snnsim.dump.Pickled.Storage;
import io.snnsim.dump.Pickled.Str;
import io.snnsim.dump.Pickled.View;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The classes and functions that a pickle of weights may name, and what a call of each makes here:
 * nothing of Python is run. Stateless.
 */
final class TorchGlobals {
  private static final Set<String> DICTS =
      Set.of("collections.OrderedDict", "builtins.dict", "__builtin__.dict");

  private static final Set<String> LISTS =
      Set.of(
          "torch.Size",
          "builtins.list",
          "builtins.tuple",
          "builtins.set",
          "builtins.frozenset",
          "__builtin__.list",
          "__builtin__.tuple",
          "__builtin__.set",
          "__builtin__.frozenset");

  /** Data that checkpoints keep beside weights; what it says is not looked at. */
  private static final Set<String> PLAIN =
      Set.of(
          "collections.defaultdict",
          "collections.Counter",
          "argparse.Namespace",
          "_codecs.encode",
          "copy_reg._reconstructor",
          "copyreg._reconstructor",
          "builtins.object",
          "__builtin__.object",
          "builtins.int",
          "builtins.float",
          "builtins.bool",
          "builtins.str",
          "builtins.complex",
          "builtins.bytearray",
          "__builtin__.bytearray",
          "numpy.core.multiarray.scalar",
          "numpy.core.multiarray._reconstruct",
          "numpy._core.multiarray.scalar",
          "numpy._core.multiarray._reconstruct",
          "numpy.dtype",
          "numpy.ndarray",
          "torch.device",
          "torch.Tensor",
          "torch.nn.parameter.Parameter");

  private static final String TENSOR = "torch._utils._rebuild_tensor";
  private static final String TENSOR_2 = "torch._utils._rebuild_tensor_v2";
  private static final String TENSOR_3 = "torch._utils._rebuild_tensor_v3";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String PARAMETER_STATE = "torch._utils._rebuild_parameter_with_state";
  private static final String TYPED = "torch._tensor._rebuild_from_type_v2";
  private static final Set<String> REBUILD =
      Set.of(TENSOR, TENSOR_2, TENSOR_3, PARAMETER, PARAMETER_STATE, TYPED);

  /** More than tensors of weights have; a hostile file may name the same shape a million times. */
  private static final int MOST_DIMENSIONS = 8;

  private TorchGlobals() {}

  /** The value that a name in a pickle stands for, or null if it is not allowed. */
  static Global find(String module, String name) {
    Global g = new Global(module, name);
    String full = g.toString();
    return DICTS.contains(full)
            || LISTS.contains(full)
            || PLAIN.contains(full)
            || REBUILD.contains(full)
            || isStorage(g)
            || module.equals("torch") && TorchType.named(name) != null
        ? g
        : null;
  }

  private static boolean isStorage(Global g) {
    return switch (g.module()) {
      case "torch", "torch.cuda" -> TorchType.ofStorage(g.name()) != null;
      case "torch.storage" -> g.name().equals("UntypedStorage");
      default -> false;
    };
  }

  /**
   * What a call makes.
   *
   * @return null if the arguments are none that it takes
   */
  static Pickled call(Global function, List<Pickled> args) {
    String full = function.toString();
    if (DICTS.contains(full)) {
      return dict(args);
    }
    if (LISTS.contains(full)) {
      return args.isEmpty()
          ? new Items(new ArrayList<>())
          : args.getFirst() instanceof Items i ? i : null;
    }
    if (PLAIN.contains(full)) {
      return Pickled.PLAIN;
    }
    return switch (full) {
      case TENSOR, TENSOR_2 ->
          args.size() >= 4 && args.get(0) instanceof Storage s ? view(s, s.type(), args) : null;
      case TENSOR_3 ->
          args.size() >= 7
                  && args.get(0) instanceof Storage s
                  && args.get(6) instanceof Global(String module, String name)
                  && module.equals("torch")
              ? view(s, TorchType.named(name), args)
              : null;
      case PARAMETER, PARAMETER_STATE ->
          !args.isEmpty() && args.getFirst() instanceof View v ? v : null;
      case TYPED ->
          args.size() >= 3
                  && args.get(0) instanceof Global inner
                  && REBUILD.contains(inner.toString())
                  && !inner.toString().equals(TYPED)
                  && args.get(2) instanceof Items(var innerArgs)
              ? call(inner, innerArgs)
              : null;
      default -> null;
    };
  }

  private static Pickled dict(List<Pickled> args) {
    Dict dict = new Dict();
    if (args.isEmpty()) {
      return dict;
    }
    if (!(args.getFirst() instanceof Items(var pairs))) {
      return null;
    }
    for (Pickled pair : pairs) {
      if (!(pair instanceof Items(var both)) || both.size() != 2) {
        return null;
      }
      dict.entries().add(new Entry(both.get(0), both.get(1)));
    }
    return dict;
  }

  private static Pickled view(Storage storage, TorchType type, List<Pickled> args) {
    long[] shape = sizes(args.get(2));
    long[] strides = sizes(args.get(3));
    if (type == null
        || !(args.get(1) instanceof Int(long offset))
        || offset < 0
        || shape == null
        || strides == null
        || shape.length != strides.length) {
      return null;
    }
    return new View(storage, type, offset, shape, strides);
  }

  /** Whole numbers that are not negative, or null. */
  private static long[] sizes(Pickled list) {
    if (!(list instanceof Items(var items)) || items.size() > MOST_DIMENSIONS) {
      return null;
    }
    long[] sizes = new long[items.size()];
    for (int i = 0; i < sizes.length; i++) {
      if (!(items.get(i) instanceof Int(long n)) || n < 0) {
        return null;
      }
      sizes[i] = n;
    }
    return sizes;
  }

  /**
   * The storage that a persistent id names: kind, class, key, device, elements and perhaps which
   * part of them counts.
   *
   * @return null if it names none
   */
  static Storage storage(Pickled id) {
    if (!(id instanceof Items(var i))
        || i.size() < 5
        || !(i.get(0) instanceof Str(String kind))
        || !kind.equals("storage")
        || !(i.get(1) instanceof Global type)
        || !isStorage(type)
        || !(i.get(2) instanceof Str(String key))
        || !(i.get(4) instanceof Int(long elements))
        || elements < 0) {
      return null;
    }
    long first = 0;
    if (i.size() > 5 && i.get(5) instanceof Items(var part)) {
      if (part.size() != 3 || !(part.get(1) instanceof Int(long offset)) || offset < 0) {
        return null;
      }
      first = offset;
    }
    return new Storage(TorchType.ofStorage(type.name()), key, elements, first);
  }

  /** Refuses what is not allowed, by its name. */
  static SnnsimException refused(String where, String module, String name) {
    String full = Text.oneLine(module + "." + name);
    return SnnsimException.badData(
        where
            + ": found "
            + (module.startsWith("torch.nn.modules") ? "a whole module, with the class " : "")
            + full
            + ", expected tensors by their names, with plain values beside them at most, since"
            + " nothing of a file is run; "
            + HOW);
  }

  /** What to do instead. */
  static final String HOW =
      "in Python save the weights alone: torch.save(net.state_dict(), 'net.pth')";
}
