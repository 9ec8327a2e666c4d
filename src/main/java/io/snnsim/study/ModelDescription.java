// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.readout.ExitMargins;
import io.snnsim.store.ModelFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** A model file as JSON, as docs/schema/info.md describes it. Stateless. */
public final class ModelDescription {
  private ModelDescription() {}

  /**
   * Describes a model.
   *
   * @throws SnnsimException (bad data) if a section is not what its name says
   */
  public static ObjectNode of(ModelFile file) {
    Network n = file.network();
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("schemaVersion", 1);
    root.put("file", file.path().toString());
    root.put("bytes", file.nativeBytes());
    root.put("name", n.name());
    root.put("precision", lower(n.precision().name()));
    root.put("neurons", n.neurons());
    root.put("output", n.populations().get(n.output()).name());
    root.put("stepsPerLayer", n.codeSteps());
    root.put("fittedSteps", ModelParts.fittedSteps(file));
    ObjectNode input = root.putObject("input");
    shape(input, n.input().shape());
    for (float v : n.input().mean()) {
      input.withArray("mean").add(v);
    }
    for (float v : n.input().std()) {
      input.withArray("std").add(v);
    }
    for (Population p : n.populations()) {
      population(root.withArray("populations").addObject(), p);
    }
    for (InputStage.AnalogProjection a : n.input().projections()) {
      ObjectNode o = root.withArray("projections").addObject();
      ends(o, a.name(), "analog", "image", n.populations().get(a.target()).name());
      window(o, a.geometry());
      o.put("weights", a.weights().length).put("weightBytes", 4);
    }
    root.withArray("projections");
    for (Projection p : n.projections()) {
      ObjectNode o = root.withArray("projections").addObject();
      ends(
          o,
          p.name(),
          p.kind(),
          n.populations().get(p.source()).name(),
          n.populations().get(p.target()).name());
      window(o, p.geometry());
      o.put("weights", p.weightCount());
      o.put("weightBytes", p.weightBytes());
    }
    memory(root.putObject("memory"), n, PlanSource.of(file, null));
    root.set("earlyExit", earlyExit(file));
    root.set("provenance", provenance(file));
    return root;
  }

  private static void population(ObjectNode o, Population p) {
    o.put("name", p.name());
    shape(o, p.shape());
    o.put("neurons", p.shape().size());
    o.put("model", lower(p.model().label().replace(' ', '_').replace('-', '_')));
    o.put("potentialBits", p.wide() ? 32 : 16);
    o.put("thetaMin", Arrays.stream(p.theta()).min().orElse(0));
    o.put("thetaMax", Arrays.stream(p.theta()).max().orElse(0));
    float largest = 0;
    for (float l : p.lambda()) {
      largest = Math.max(largest, l);
    }
    o.put("lambdaMax", largest);
    o.put("boundLow", p.boundLow());
    o.put("boundHigh", p.boundHigh());
  }

  /** What running takes besides the file, with the kernels that this machine runs. */
  private static void memory(ObjectNode o, Network n, Plan plan) {
    try (Simulator model = Simulator.of(n, KernelChoice.AUTO, plan, Limits.DEFAULT);
        Simulation session = model.newSimulation()) {
      o.put("kernel", model.kernelName());
      o.put("tableBytes", model.tableBytes());
      o.put("sessionBytes", session.nativeBytes());
    } catch (SnnsimException e) {
      if (e.category() != Category.LIMIT && e.category() != Category.NO_MEMORY) {
        throw e;
      }
      o.put("refused", e.getMessage());
    }
  }

  private static void shape(ObjectNode o, MapShape s) {
    o.withArray("shape").add(s.channels()).add(s.height()).add(s.width());
  }

  private static void ends(ObjectNode o, String name, String kind, String from, String to) {
    o.put("name", name).put("kind", kind).put("source", from).put("target", to);
  }

  private static void window(ObjectNode o, ConvGeometry g) {
    o.withArray("kernel").add(g.kernelH()).add(g.kernelW());
    o.withArray("stride").add(g.window().strideH()).add(g.window().strideW());
    o.withArray("padding").add(g.window().padH()).add(g.window().padW());
    o.withArray("dilation").add(g.window().dilationH()).add(g.window().dilationW());
    o.put("groups", g.groups());
  }

  /**
   * Read as {@code run} does, so that what it would refuse shows here too; null if there is none.
   */
  private static JsonNode earlyExit(ModelFile file) {
    byte[] section = file.extra(ModelContents.EARLY_EXIT);
    if (section == null) {
      return null;
    }
    ExitMargins m = ExitMargins.parse(section, file.path() + ", section early.exit");
    ObjectNode o = new ObjectMapper().createObjectNode();
    o.put("steps", m.steps());
    o.put("readout", m.readout().label());
    o.put("calibrationImages", m.images());
    o.put("heldBack", m.heldBack());
    for (int t = 0; t < m.steps(); t++) {
      o.withArray("marginError").add(m.marginError()[t]);
      o.withArray("synapticOps").add(m.synapticOps()[t]);
    }
    return o;
  }

  private static JsonNode provenance(ModelFile file) {
    byte[] bytes = file.extra(ModelContents.PROVENANCE);
    try {
      return bytes == null ? null : new ObjectMapper().readTree(bytes);
    } catch (IOException e) {
      throw SnnsimException.badData(
          file.path() + "[provenance]: not JSON, expected what 'snnsim convert' writes there");
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
