// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.ImageSet;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.readout.Readout;
import io.snnsim.report.CompareReport;
import io.snnsim.report.EnergyModel;
import io.snnsim.report.Host;
import io.snnsim.report.Program;
import io.snnsim.work.Tasks;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/**
 * Runs images through the ANN and the spiking network and gathers, layer by layer, how far spike
 * rates are from activations. An instance runs once; the caller's thread waits. Sums are kept image
 * by image and added in their order, so results do not depend on the number of threads.
 */
public final class Comparison {
  /** Points of a layer's scatter plot. */
  private static final int SAMPLE = 2000;

  /** Makes the neurons that are drawn others in every image. */
  private static final int STEP = 7919;

  /** A population and the ANN's node that it stands for. */
  private record Pair(int population, int node, boolean unrectified) {}

  /**
   * What to compare.
   *
   * @param ann the one that the network was converted from
   * @param tolerance relative error from which a layer counts as wrong
   */
  public record Job(
      Simulator simulator,
      AnnGraph ann,
      ImageSet images,
      int steps,
      Readout readout,
      double tolerance) {}

  private final Job job;
  private final Network network;
  private final AnnForward ann;
  private final ImageSet images;
  private final int steps;
  private final Context context;
  private final List<Pair> pairs = new ArrayList<>();
  private final List<String> notCompared = new ArrayList<>();
  private final LayerSums[][] sums;
  private final float[][][][] points;
  private final BitSet[] fired;
  private final BitSet[] active;
  private final int[] snnAnswer;
  private final int[] annAnswer;
  private final long[] spikes;
  private final long[] synapticOps;

  private Comparison(Job job, Context context) {
    this.job = job;
    this.network = job.simulator().network();
    this.ann = new AnnForward(job.ann());
    this.images = job.images();
    this.steps = job.steps();
    this.context = context;
    for (int p = 0; p < network.populations().size(); p++) {
      pair(job.ann(), p);
    }
    sums = new LayerSums[images.count()][];
    points = new float[images.count()][][][];
    fired = bits();
    active = bits();
    snnAnswer = new int[images.count()];
    annAnswer = new int[images.count()];
    spikes = new long[images.count()];
    synapticOps = new long[images.count()];
  }

  private BitSet[] bits() {
    BitSet[] all = new BitSet[pairs.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = new BitSet();
    }
    return all;
  }

  private void pair(AnnGraph graph, int p) {
    Population population = network.populations().get(p);
    String name = population.name();
    if (!pair(graph, p, name) && !pair(graph, p, Lowering.Copy.original(name))) {
      notCompared.add(name);
    }
  }

  private boolean pair(AnnGraph graph, int p, String name) {
    List<AnnNode> nodes = graph.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(name) && same(graph.shape(i), network.populations().get(p))) {
        pairs.add(new Pair(p, i, nodes.get(i).op().unrectified()));
        return true;
      }
    }
    return false;
  }

  private static boolean same(MapShape a, Population p) {
    MapShape s = p.shape();
    return a.channels() == s.channels() && a.height() == s.height() && a.width() == s.width();
  }

  /**
   * Compares all images, or those that are done before it is cancelled.
   *
   * @param models of hardware, given whether potentials have 32 bits
   * @return null if no image was done
   * @throws io.snnsim.error.SnnsimException (bad data) if a label is no class; (usage) if the
   *     network does not answer after so many steps
   */
  public static CompareReport run(
      Job job, Function<Boolean, List<EnergyModel>> models, Context context) {
    Network network = job.simulator().network();
    job.simulator().checkSteps(job.steps());
    job.images().checkLabels(network.populations().get(network.output()).shape().size());
    Comparison comparison = new Comparison(job, context);
    try (Progress progress =
        context.listener().progress("compare", "images", job.images().count())) {
      comparison.runAll(progress);
    }
    return comparison.report(models);
  }

  private void runAll(Progress progress) {
    Tasks.share(
        "snnsim-compare",
        1,
        context.execution(),
        images.count(),
        next -> {
          try (Simulation session = job.simulator().newSimulation(true)) {
            AnnForward.Workspace ws = ann.newWorkspace(1);
            for (int i; (i = next.getAsInt()) >= 0; ) {
              image(i, session, ws);
              progress.add(sums[i] == null ? 0 : 1);
            }
          }
        });
  }

  private void image(int index, Simulation session, AnnForward.Workspace ws) {
    float[] image = new float[network.input().shape().size()];
    images.read(index, image);
    session.present(image, index, steps);
    int[][] first = new int[pairs.size()][];
    int[][] counts = new int[pairs.size()][];
    int code = network.codeSteps();
    for (int t = Math.max(1, code); t <= steps; t++) {
      if (context.isCancelled()) {
        return;
      }
      session.runStepBlock(Math.max(1, code));
      for (int k = 0; k < first.length; k++) {
        counts[k] = session.spikeCounts(pairs.get(k).population());
        if (first[k] == null) {
          first[k] = new int[counts[k].length];
        }
        for (int i = 0; i < first[k].length; i++) {
          if (first[k][i] == 0 && counts[k][i] > 0) {
            // The first spike of a code is the highest bit of the number sent.
            int bits = Integer.SIZE - Integer.numberOfLeadingZeros(counts[k][i]);
            first[k][i] = code == 0 ? t : code + 1 - bits;
          }
        }
      }
    }
    forward(image, ws);
    LayerSums[] layers = new LayerSums[pairs.size()];
    float[][][] drawn = new float[pairs.size()][][];
    for (int k = 0; k < layers.length; k++) {
      layers[k] = new LayerSums();
      drawn[k] = layer(index, k, session, ws, counts[k], first[k], layers[k]);
    }
    snnAnswer[index] = job.readout().decide(session);
    annAnswer[index] = largest(ws.activation(ann.graph().nodes().size() - 1));
    for (int p = 0; p < network.populations().size(); p++) {
      spikes[index] += session.spikeTotal(p);
      synapticOps[index] += session.synapticOps(p);
    }
    points[index] = drawn;
    sums[index] = layers;
  }

  private void forward(float[] image, AnnForward.Workspace ws) {
    InputStage in = network.input();
    int plane = in.shape().height() * in.shape().width();
    float[] normalised = new float[image.length];
    for (int i = 0; i < image.length; i++) {
      int c = i / plane;
      normalised[i] = (image[i] - in.mean()[c]) / in.std()[c];
    }
    ann.run(normalised, 1, ws);
  }

  private static int largest(float[][] logits) {
    int best = 0;
    for (int c = 1; c < logits.length; c++) {
      best = logits[c][0] > logits[best][0] ? c : best;
    }
    return best;
  }

  private float[][] layer(
      int index,
      int k,
      Simulation session,
      AnnForward.Workspace ws,
      int[] counts,
      int[] first,
      LayerSums into) {
    Pair pair = pairs.get(k);
    Population p = network.populations().get(pair.population());
    int[] potentials = session.potentials(pair.population());
    float[][] activation = ws.activation(pair.node());
    int plane = p.shape().height() * p.shape().width();
    double full = p.model().fullCount(steps);
    int perImage = Math.min(counts.length, (SAMPLE + images.count() - 1) / images.count());
    BitSet firedHere = new BitSet();
    BitSet activeHere = new BitSet();
    float[] x = new float[counts.length];
    float[] r = new float[counts.length];
    for (int i = 0; i < counts.length; i++) {
      int c = i / plane;
      if (!(p.lambda()[c] > 0)) {
        continue;
      }
      double ann = (double) activation[c][i % plane] / p.lambda()[c];
      double z = p.model().integrated(counts[i], potentials[i], p.v0()[c], p.theta()[c]) / full;
      double rate = pair.unrectified() ? z : counts[i] / full;
      into.add(i, ann, rate, z, pair.unrectified());
      if (first[i] > 0) {
        into.addFirstSpike(first[i]);
        firedHere.set(i);
      }
      if (ann * full >= 1) {
        activeHere.set(i);
      }
      x[i] = (float) ann;
      r[i] = (float) rate;
    }
    synchronized (fired[k]) {
      fired[k].or(firedHere);
      active[k].or(activeHere);
    }
    into.spikes = session.spikeTotal(pair.population());
    into.negativeSpikes = session.negativeSpikeTotal(pair.population());
    into.saturatedPotentials = session.saturated(pair.population());
    float[][] drawn = new float[perImage][];
    for (int s = 0; s < perImage; s++) {
      int i = (int) (((long) (index * perImage + s) * STEP) % counts.length);
      drawn[s] = new float[] {x[i], r[i]};
    }
    return drawn;
  }

  private CompareReport report(Function<Boolean, List<EnergyModel>> models) {
    int done = 0;
    int agreed = 0;
    int snnRight = 0;
    int annRight = 0;
    long allSpikes = 0;
    long ops = 0;
    for (int i = 0; i < sums.length; i++) {
      if (sums[i] == null) {
        continue;
      }
      done++;
      agreed += snnAnswer[i] == annAnswer[i] ? 1 : 0;
      if (images.labelled()) {
        snnRight += snnAnswer[i] == images.label(i) ? 1 : 0;
        annRight += annAnswer[i] == images.label(i) ? 1 : 0;
      }
      allSpikes += spikes[i];
      ops += synapticOps[i];
    }
    if (done == 0) {
      return null;
    }
    List<CompareReport.Layer> layers = new ArrayList<>();
    for (int k = 0; k < pairs.size(); k++) {
      layers.add(layer(k));
    }
    double n = done;
    CompareReport.Layer wrong = CompareReport.firstWrong(layers, job.tolerance());
    return new CompareReport(
        1,
        done,
        images.count(),
        steps,
        agreed / n,
        images.labelled() ? snnRight / n : null,
        images.labelled() ? annRight / n : null,
        job.tolerance(),
        wrong == null ? null : wrong.name(),
        CompareReport.verdict(layers, job.tolerance(), steps),
        layers,
        List.copyOf(notCompared),
        new ImageEnergy(network, job.ann(), models).of(steps, ops / n, allSpikes / n),
        job.simulator().kernelName(),
        Evaluation.model(network),
        Host.here().toMap(),
        Program.here().nameAndBuild());
  }

  private CompareReport.Layer layer(int k) {
    Population p = network.populations().get(pairs.get(k).population());
    LayerTotals t = new LayerTotals();
    List<float[]> sample = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      if (sums[i] != null) {
        t.add(i, sums[i][k]);
        sample.addAll(List.of(points[i][k]));
      }
    }
    BitSet dead = (BitSet) active[k].clone();
    dead.andNot(fired[k]);
    return t.layer(p.name(), p.shape(), pairs.get(k).unrectified(), dead.cardinality(), sample);
  }
}
