// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds tensors by number, as {@code .keras} files have them: in each model the layers of a class
 * are counted, {@code layers/conv2d_1/vars/0}. Used by one thread.
 *
 * <p>Keras 2.12 counted some layers twice, so that numbers leave gaps; what counts is their order.
 */
final class NumberedWeights implements LayerWeights {
  private static final Pattern NUMBERED = Pattern.compile("(.*?)(?:_(\\d{1,8}))?");

  private final StoredTensors tensors;

  /** Paths as Keras 3 writes them, to paths of the file. */
  private final TreeMap<String, String> paths = new TreeMap<>();

  /** By model and class the layers' folders in order. */
  private final Map<String, TreeMap<Integer, String>> folders = new HashMap<>();

  /** By the folder of a model the folder of each of its layers. */
  private final Map<String, Map<String, String>> placed = new HashMap<>();

  NumberedWeights(StoredTensors tensors) {
    this.tensors = tensors;
    for (String path : tensors.paths()) {
      String plain = path.replace('\\', '/').replace("_layer_checkpoint_dependencies", "layers");
      paths.putIfAbsent(plain, path);
      int at = plain.indexOf("layers/");
      while (at >= 0) {
        int end = plain.indexOf('/', at + 7);
        if (end < 0) {
          break;
        }
        Matcher m = NUMBERED.matcher(plain.substring(at + 7, end));
        if ((at == 0 || plain.charAt(at - 1) == '/') && m.matches()) {
          int number = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
          folders
              .computeIfAbsent(plain.substring(0, at) + m.group(1), k -> new TreeMap<>())
              .put(number, plain.substring(0, end + 1));
        }
        at = plain.indexOf("layers/", end);
      }
    }
  }

  /** A class as folders are named: words in small letters. */
  static String folder(String kind) {
    return kind.replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public void enter(List<String> path, Model model) {
    String prefix = folderOf(path);
    if (placed.containsKey(String.join("\n", path))) {
      return;
    }
    Map<String, List<Layer>> kinds = new TreeMap<>();
    for (Layer layer : model.layers().values()) {
      if (LayerKinds.hasWeights(layer)) {
        kinds.computeIfAbsent(folder(layer.kind()), k -> new ArrayList<>()).add(layer);
      }
    }
    Map<String, String> mine = new HashMap<>();
    kinds.forEach(
        (kind, layers) -> {
          List<String> found =
              List.copyOf(folders.getOrDefault(prefix + kind, new TreeMap<>()).values());
          if (found.size() != layers.size()) {
            throw layers
                .getLast()
                .bad(
                    "found weights of "
                        + found.size()
                        + " layers "
                        + kind
                        + " in "
                        + (prefix.isEmpty() ? "the file" : Text.oneLine(prefix))
                        + ", expected those of "
                        + layers.size()
                        + "; save the whole model again");
          }
          for (int i = 0; i < found.size(); i++) {
            mine.put(layers.get(i).name(), found.get(i));
          }
        });
    placed.put(String.join("\n", path), mine);
  }

  /** Of a model within others its folder, ending in a slash; of the outermost nothing. */
  private String folderOf(List<String> path) {
    if (path.isEmpty()) {
      return "";
    }
    List<String> outer = path.subList(0, path.size() - 1);
    return placed.get(String.join("\n", outer)).get(path.getLast());
  }

  @Override
  public List<Tensor> read(List<String> path, Layer layer, List<String> names) {
    String folder = folderOf(path) + "vars/";
    List<Tensor> result = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String at = paths.get(folder + i);
      if (at == null) {
        throw layer.bad(
            "found no tensor "
                + Text.oneLine(folder + i)
                + " ("
                + names.get(i).replace("|", " or ")
                + "), expected one; save the whole model again");
      }
      result.add(tensors.read(at));
    }
    return result;
  }
}
