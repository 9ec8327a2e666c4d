// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.error.SnnsimException;
import io.snnsim.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;

/**
 * Reads whole models of Keras: a configuration that says which layers there are, and their tensors.
 * Stateless.
 */
public final class KerasModel {
  private static final String EXPECTED = "the configuration that Keras writes";

  private KerasModel() {}

  /** True if a configuration tells of layers; a stub does not. */
  public static boolean hasLayers(String config, String where) {
    return ConfigReader.hasLayers(parsed(config, where));
  }

  /**
   * Reads a model of one HDF5 file.
   *
   * @param where the file, for messages
   * @throws SnnsimException (bad data) naming the layer, if the configuration or a tensor is
   *     damaged
   */
  public static LayerGraph ofHdf5(String config, StoredTensors tensors, String where) {
    return read(config, new NamedWeights(tensors), where);
  }

  /**
   * Reads a model of a {@code .keras} file.
   *
   * @param where the file, for messages
   * @throws SnnsimException (bad data) naming the layer, if the configuration or a tensor is
   *     damaged
   */
  public static LayerGraph ofZip(String config, StoredTensors tensors, String where) {
    return read(config, new NumberedWeights(tensors), where);
  }

  private static JsonValue parsed(String config, String where) {
    return JsonValue.parse(
        config.getBytes(StandardCharsets.UTF_8), where + "[configuration]", EXPECTED);
  }

  private static LayerGraph read(String config, LayerWeights weights, String where) {
    Model model = ConfigReader.model(parsed(config, where), where);
    TreeSet<String> orders = new TreeSet<>();
    orders(model, false, orders);
    if (orders.isEmpty()) {
      orders(model, true, orders);
    }
    if (orders.size() > 1) {
      throw SnnsimException.badData(
          where
              + ": found layers of data_format channels_first and others of channels_last,"
              + " expected one of them");
    }
    LayerGraph graph = new LayerGraph(where);
    boolean channelsFirst = orders.contains("channels_first");
    new ModelReader(new Reading(graph, weights, channelsFirst)).read(model);
    return graph;
  }

  /** The orders of dimensions that layers name; a Flatten names that of the user's settings. */
  private static void orders(Model model, boolean ofFlatten, TreeSet<String> into) {
    for (Layer layer : model.layers().values()) {
      if (layer.nested() != null) {
        orders(layer.nested(), ofFlatten, into);
      } else if (layer.kind().equals("Flatten") == ofFlatten && layer.has("data_format")) {
        String order = layer.word("data_format", "");
        if (!order.equals("channels_first") && !order.equals("channels_last")) {
          throw layer.bad("data_format", "'channels_first' or 'channels_last'");
        }
        into.add(order);
      }
    }
  }
}
