// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Finds tensors by name, as HDF5 models have them: a group for each layer of the outermost model,
 * in it {@code LAYER/NAME:0}, often under further names of scopes. Used by one thread.
 */
final class NamedWeights implements LayerWeights {
  /** The group of a whole model. */
  private static final String GROUP = "model_weights/";

  private final StoredTensors tensors;

  NamedWeights(StoredTensors tensors) {
    this.tensors = tensors;
  }

  @Override
  public void enter(List<String> path, Model model) {
    // Its tensors lie in the group of the outermost layer, whatever layers it has.
  }

  @Override
  public List<Tensor> read(List<String> path, Layer layer, List<String> names) {
    String group = GROUP + path.getFirst();
    // A slash is followed by 0 in the order of characters.
    Collection<String> all = tensors.paths().subSet(group + "/", group + "0");
    List<Tensor> result = new ArrayList<>();
    for (String name : names) {
      result.add(tensors.read(place(path, layer, name, all)));
    }
    return result;
  }

  private static String place(
      List<String> path, Layer layer, String name, Collection<String> group) {
    List<String> forms = List.of(name.split("\\|"));
    List<String> own = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String at : group) {
      String plain = at.replaceFirst(":\\d+$", "");
      for (String form : forms) {
        if (plain.endsWith("/" + layer.name() + "/" + form)) {
          own.add(at);
        } else if (plain.endsWith("/" + form) && path.size() == 1) {
          others.add(at);
        }
      }
    }
    List<String> found = own.isEmpty() ? others : own;
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw layer.bad(
        "found "
            + (found.isEmpty() ? "no tensor " : found.size() + " tensors ")
            + name.replace("|", " or ")
            + " of it in the group "
            + Text.oneLine(GROUP + path.getFirst())
            + ", expected one; save the whole model again, as net.keras");
  }
}
