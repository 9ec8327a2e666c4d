// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Tensor;
import java.util.List;

/** Finds the tensors of layers in a file. Used by one thread. */
interface LayerWeights {
  /**
   * Learns which layers a model has, before any of them is read.
   *
   * @param path the names of the models that it is in and its own, from the outside; of the
   *     outermost none
   */
  void enter(List<String> path, Model model);

  /**
   * Reads a layer's tensors.
   *
   * @param path the names of the models that it is in, from the outside, and its own
   * @param layer the layer
   * @param names of all its tensors in the order of Keras; a name of two forms has {@code |}
   *     between them
   */
  List<Tensor> read(List<String> path, Layer layer, List<String> names);
}
