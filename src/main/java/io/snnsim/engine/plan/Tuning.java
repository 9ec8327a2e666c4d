// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Probe;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.network.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Measures on this host what each population costs by each method, and plans by that. One thread;
 * allocates as it likes.
 */
public final class Tuning {
  private final Subject subject;
  private final Network network;
  private final float[][] images;
  private final int steps;
  private final double seconds;
  private final BooleanSupplier cancelled;

  /**
   * What was measured.
   *
   * @param eventNanos one step by events, by population
   * @param lookupNanos one step by lookup, by population; NaN where it cannot be
   * @param patternNanos one step by patterns, likewise
   * @param rates spikes per neuron and step, by population
   * @param best the faster method of each, or both where rates may turn the choice
   */
  public record Result(
      double[] eventNanos,
      double[] lookupNanos,
      double[] patternNanos,
      double[] rates,
      Plan best) {}

  /**
   * What is measured.
   *
   * @param kernel which code runs it
   * @param limits what it may take
   */
  public record Subject(Network network, KernelChoice kernel, Limits limits) {}

  /**
   * Prepares.
   *
   * @param images [channel][y][x] before normalisation
   * @param steps time steps an image
   * @param seconds how long each of the plans compared runs, warm-up included
   */
  public Tuning(
      Subject subject, float[][] images, int steps, double seconds, BooleanSupplier cancelled) {
    this.subject = subject;
    network = subject.network();
    this.images = images;
    this.steps = steps;
    this.seconds = seconds;
    this.cancelled = cancelled;
  }

  /** Measures every population by each method and in step blocks of several lengths. */
  public Result run() {
    int n = network.populations().size();
    List<UpdateMethod> lookups = wherever(UpdateMethod.LOOKUP);
    List<UpdateMethod> patterns = wherever(UpdateMethod.PATTERNS);
    double[] rates = new double[n];
    double[] events = measure(Planner.eventsOnly(network), rates);
    Result best = null;
    double leastNanos = Double.POSITIVE_INFINITY;
    int code = network.codeSteps();
    for (int blockSteps : code > 0 ? new int[] {code} : new int[] {4, 8}) {
      double[] lookup = onlyWhere(lookups, measure(new Plan(lookups, blockSteps), rates));
      double[] pattern = onlyWhere(patterns, measure(new Plan(patterns, blockSteps), rates));
      List<UpdateMethod> methods = new ArrayList<>();
      double nanos = 0;
      for (int p = 0; p < n; p++) {
        UpdateMethod fastest = UpdateMethod.EVENTS;
        double least = events[p];
        if (lookup[p] < least) {
          fastest = UpdateMethod.LOOKUP;
          least = lookup[p];
        }
        if (pattern[p] < least) {
          fastest = UpdateMethod.PATTERNS;
          least = pattern[p];
        }
        methods.add(fastest);
        nanos += least;
      }
      if (nanos < leastNanos) {
        leastNanos = nanos;
        best =
            new Result(
                events, lookup, pattern, rates, adaptive(new Plan(methods, blockSteps), rates));
      }
    }
    return best;
  }

  /** That method wherever it can be, events elsewhere. */
  private List<UpdateMethod> wherever(UpdateMethod method) {
    List<UpdateMethod> methods = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      boolean can =
          method == UpdateMethod.LOOKUP
              ? Planner.canLookUp(network, p)
              : Planner.canUsePatterns(network, p);
      methods.add(can ? method : UpdateMethod.EVENTS);
    }
    return methods;
  }

  /** NaN where the method could not be. */
  private static double[] onlyWhere(List<UpdateMethod> methods, double[] nanos) {
    for (int p = 0; p < nanos.length; p++) {
      if (methods.get(p) == UpdateMethod.EVENTS) {
        nanos[p] = Double.NaN;
      }
    }
    return nanos;
  }

  /** Both methods where rates not far from those measured would turn the choice. */
  private Plan adaptive(Plan plan, double[] rates) {
    List<UpdateMethod> methods = new ArrayList<>(plan.methods());
    for (int p = 0; p < methods.size(); p++) {
      MethodCosts c = MethodCosts.of(network, p, plan.blockSteps(), CostModel.ofThisJvm());
      if (methods.get(p) != UpdateMethod.PATTERNS && Planner.worthBoth(network, p, rates, c)) {
        methods.set(p, UpdateMethod.ADAPTIVE);
      }
    }
    return new Plan(methods, plan.blockSteps());
  }

  /** Least nanoseconds of one step of every population over all runs of an image. */
  private double[] measure(Plan plan, double[] rates) {
    int n = network.populations().size();
    double[] least = new double[n];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    long[] nanos = new long[n];
    long[] spikes = new long[n];
    try (Simulator model = Simulator.of(network, subject.kernel(), plan, subject.limits());
        Simulation session = model.newSimulation()) {
      session.profileWith(
          new Probe() {
            @Override
            public void input(long time) {}

            @Override
            public void turn(int population, int turnSteps, long time) {
              nanos[population] += time;
            }
          });
      long end = System.nanoTime() + (long) (seconds * 1e9);
      for (int i = 0; (i < 3 || System.nanoTime() < end) && !cancelled.getAsBoolean(); i++) {
        session.present(images[i % images.length], i % images.length, steps);
        Arrays.fill(nanos, 0);
        for (int t = 0; t < steps; ) {
          t += session.runStepBlock(steps - t);
        }
        for (int p = 0; p < n; p++) {
          least[p] = Math.min(least[p], (double) nanos[p] / steps);
          if (i < images.length) {
            spikes[p] += session.spikeTotal(p);
            double neuronSteps =
                (double) network.populations().get(p).shape().size() * steps * (i + 1);
            rates[p] = spikes[p] / neuronSteps;
          }
        }
      }
    }
    return least;
  }
}
