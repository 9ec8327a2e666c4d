package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.ann.MapShape;
import io.snnsim.ann.Tensor;
import io.snnsim.ann.Window;
import io.snnsim.error.SnnsimException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Builds networks of known families, or of a JSON graph file, from a dump. Stateless. */
public final class Architectures {
  /** Names of the known families. */
  public static final List<String> NAMES = List.of("resnet-cifar", "resnet-mnist");

  private static final float EPS = 1e-5f;

  private Architectures() {}

  /**
   * Builds a network.
   *
   * @param arch a family's name, a path to a graph file, or null to recognise the family
   * @throws SnnsimException (usage) for an unknown name; (bad data) for tensors that do not fit
   */
  public static Imported build(WeightDump dump, String arch) {
    boolean guessed = arch == null;
    String name = guessed ? guess(dump) : arch;
    List<String> notes = new ArrayList<>(dump.notes());
    if (NAMES.contains(name)) {
      return new Imported(new ResNet(dump, name, notes).build(), name, guessed, notes);
    }
    if (name.endsWith(".json") || Files.exists(Path.of(name))) {
      return new Imported(GraphJson.read(Path.of(name), dump.tensors()), name, false, notes);
    }
    throw SnnsimException.usage(
        "--arch "
            + name
            + ": unknown, expected one of "
            + String.join(", ", NAMES)
            + " or the path of a JSON graph file");
  }

  private static String guess(WeightDump dump) {
    Tensor first = dump.tensors().get("conv1.weight");
    boolean blocks = dump.tensors().containsKey("layer1.0.conv1.weight");
    boolean head = dump.tensors().containsKey("linear.weight");
    if (first != null && blocks && head && first.rank() == 4) {
      if (first.shape()[1] == 3) {
        return "resnet-cifar";
      }
      if (first.shape()[1] == 1) {
        return "resnet-mnist";
      }
    }
    List<String> some = dump.tensors().keySet().stream().limit(4).toList();
    throw SnnsimException.badData(
        dump.file()
            + ": no known network family has tensors such as "
            + String.join(", ", some)
            + "; give --arch (one of "
            + String.join(", ", NAMES)
            + ", or a JSON graph file)");
  }

  /** ResNets of He et al. for small images: 6n+2 layers in three stages. */
  private static final class ResNet {
    private final WeightDump dump;
    private final Map<String, Tensor> tensors;
    private final Set<String> used = new LinkedHashSet<>();
    private final List<AnnNode> nodes = new ArrayList<>();
    private final List<String> notes;
    private final String family;

    ResNet(WeightDump dump, String family, List<String> notes) {
      this.dump = dump;
      this.tensors = dump.tensors();
      this.family = family;
      this.notes = notes;
    }

    AnnGraph build() {
      MapShape in =
          family.equals("resnet-mnist") ? new MapShape(1, 28, 28) : new MapShape(3, 32, 32);
      nodes.add(AnnNode.of("input", new AnnOp.Input(in)));
      Tensor first = require("conv1.weight", 4);
      int width = first.shape()[0];
      String x = convBnRelu("input", "conv1", "bn1", "relu1", width, in.channels(), 3, 1);
      int blocks = 0;
      for (int stage = 1; stage <= 3; stage++) {
        int n = 0;
        while (tensors.containsKey("layer" + stage + "." + n + ".conv1.weight")) {
          String block = "layer" + stage + "." + n + ".";
          int out = require(block + "conv1.weight", 4).shape()[0];
          x = block(x, block, width, out, stage > 1 && n == 0 ? 2 : 1);
          width = out;
          n++;
        }
        if (n == 0) {
          require("layer" + stage + ".0.conv1.weight", 4);
        }
        blocks += n;
      }
      nodes.add(AnnNode.of("avgpool", new AnnOp.GlobalAvgPool(), x));
      nodes.add(AnnNode.of("flatten", new AnnOp.Flatten(), "avgpool"));
      Tensor w = require("linear.weight", 2);
      int classes = w.shape()[0];
      expect("linear.weight", w, classes, width);
      nodes.add(
          AnnNode.of("linear", new AnnOp.Linear(w, vector("linear.bias", classes)), "flatten"));
      refuseExtra();
      int depth = 2 * blocks + 2;
      notes.add(family + ": ResNet-" + depth + ", " + classes + " classes");
      return new AnnGraph("ResNet-" + depth, nodes);
    }

    private String block(String x, String b, int in, int out, int stride) {
      String y = convBnRelu(x, b + "conv1", b + "bn1", b + "relu1", out, in, 3, stride);
      String z = convBn(y, b + "conv2", b + "bn2", out, out, 3, 1);
      String shortcut = x;
      String projection = projection(b);
      if (projection != null) {
        shortcut = convBn(x, projection + "0", projection + "1", out, in, 1, stride);
      } else if (in != out || stride != 1) {
        int before = (out - in) / 2;
        nodes.add(
            AnnNode.of(
                b + "shortcut", new AnnOp.ZeroPadShortcut(stride, before, out - in - before), x));
        shortcut = b + "shortcut";
      }
      nodes.add(AnnNode.of(b + "add", new AnnOp.Add(), z, shortcut));
      nodes.add(AnnNode.of(b + "relu2", new AnnOp.Relu(), b + "add"));
      return b + "relu2";
    }

    private String projection(String b) {
      for (String name : List.of("shortcut.", "downsample.")) {
        if (tensors.containsKey(b + name + "0.weight")) {
          return b + name;
        }
      }
      return null;
    }

    private String convBnRelu(
        String x, String conv, String bn, String relu, int out, int in, int kernel, int stride) {
      nodes.add(AnnNode.of(relu, new AnnOp.Relu(), convBn(x, conv, bn, out, in, kernel, stride)));
      return relu;
    }

    private String convBn(
        String x, String conv, String bn, int out, int in, int kernel, int stride) {
      Tensor w = require(conv + ".weight", 4);
      expect(conv + ".weight", w, out, in, kernel, kernel);
      Tensor bias = tensors.containsKey(conv + ".bias") ? vector(conv + ".bias", out) : null;
      nodes.add(
          AnnNode.of(
              conv, new AnnOp.Conv2d(w, bias, Window.square(kernel, stride, kernel / 2), 1), x));
      nodes.add(
          AnnNode.of(
              bn,
              new AnnOp.BatchNorm(
                  vector(bn + ".weight", out),
                  vector(bn + ".bias", out),
                  vector(bn + ".running_mean", out),
                  vector(bn + ".running_var", out),
                  EPS),
              conv));
      return bn;
    }

    private Tensor vector(String name, int length) {
      Tensor t = require(name, 1);
      expect(name, t, length);
      return t;
    }

    private Tensor require(String name, int rank) {
      Tensor t = tensors.get(name);
      if (t == null) {
        throw SnnsimException.badData(
            dump.file() + ": tensor " + name + " is missing, expected by " + family);
      }
      if (t.rank() != rank) {
        throw SnnsimException.badData(
            dump.file()
                + "["
                + name
                + "]: found shape "
                + Arrays.toString(t.shape())
                + ", expected "
                + rank
                + " dimensions");
      }
      used.add(name);
      return t;
    }

    private void expect(String name, Tensor t, int... shape) {
      if (!Arrays.equals(t.shape(), shape)) {
        throw SnnsimException.badData(
            dump.file()
                + "["
                + name
                + "]: found shape "
                + Arrays.toString(t.shape())
                + ", expected "
                + Arrays.toString(shape)
                + " in "
                + family);
      }
    }

    private void refuseExtra() {
      List<String> extra = tensors.keySet().stream().filter(k -> !used.contains(k)).toList();
      if (!extra.isEmpty()) {
        throw SnnsimException.badData(
            dump.file()
                + ": "
                + extra.size()
                + " tensors that "
                + family
                + " has no place for: "
                + String.join(", ", extra.subList(0, Math.min(3, extra.size())))
                + (extra.size() > 3 ? ", ..." : "")
                + "; give another --arch");
      }
    }
  }
}
