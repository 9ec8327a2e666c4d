// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The immutable spiking network: populations in the order in which they are updated within a step,
 * the projections that join them (source before target), and the input stage. Safe to share between
 * threads. Which projections a population has, where they lie and whether spikes are signed is
 * looked up once, in time linear in the network, also where the rules of a network are broken.
 */
public final class Network {
  private final String name;
  private final Precision precision;
  private final InputStage input;
  private final List<Population> populations;
  private final List<Projection> projections;
  private final int output;
  private final List<List<Projection>> into;
  private final List<List<Projection>> outOf;
  private final List<List<InputStage.AnalogProjection>> fromImage;
  private final BitSet signed = new BitSet();

  /** By projection itself: whether two are equal takes looking at all that they hold. */
  private final Map<Projection, Integer> places = new IdentityHashMap<>();

  /**
   * A network; the lists are copied.
   *
   * @param output index of the population whose spikes and potentials are the answer
   */
  public Network(
      String name,
      Precision precision,
      InputStage input,
      List<Population> populations,
      List<Projection> projections,
      int output) {
    this.name = name;
    this.precision = precision;
    this.input = input;
    this.populations = List.copyOf(populations);
    this.projections = List.copyOf(projections);
    this.output = output;
    into = lists(populations.size());
    outOf = lists(populations.size());
    for (int i = 0; i < this.projections.size(); i++) {
      Projection j = this.projections.get(i);
      places.putIfAbsent(j, i);
      add(into, j.target(), j);
      add(outOf, j.source(), j);
    }
    fromImage = lists(populations.size());
    for (InputStage.AnalogProjection a : input.projections()) {
      add(fromImage, a.target(), a);
    }
    fromImage.replaceAll(List::copyOf);
    into.replaceAll(List::copyOf);
    outOf.replaceAll(List::copyOf);
    for (int p = 0; p < this.populations.size(); p++) {
      signed.set(
          p,
          switch (this.populations.get(p).model().spikes()) {
            case BINARY -> false;
            case SIGNED -> true;
            case AS_SOURCE -> firstSourceIsSigned(p);
          });
    }
  }

  private static <T> List<List<T>> lists(int n) {
    List<List<T>> all = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      all.add(new ArrayList<>(2));
    }
    return all;
  }

  private static <T> void add(List<List<T>> to, int p, T j) {
    if (p >= 0 && p < to.size()) {
      to.get(p).add(j);
    }
  }

  private boolean firstSourceIsSigned(int gate) {
    for (Projection j : into.get(gate)) {
      if (j.source() >= 0 && j.source() < gate) {
        return signed.get(j.source());
      }
    }
    return false;
  }

  /** The name, for people. */
  public String name() {
    return name;
  }

  /** Width of the weights. */
  public Precision precision() {
    return precision;
  }

  /** What turns an image into currents. */
  public InputStage input() {
    return input;
  }

  /** Populations in the order in which they are updated. */
  public List<Population> populations() {
    return populations;
  }

  /** Projections between them. */
  public List<Projection> projections() {
    return projections;
  }

  /**
   * Where a projection of this network lies in {@link #projections}, found at once: whoever makes
   * every projection ready asks for every one.
   */
  public int indexOf(Projection own) {
    return places.get(own);
  }

  /** Index of the population whose spikes and potentials are the answer. */
  public int output() {
    return output;
  }

  /** Projections that end in population {@code p}, in a fixed order. */
  public List<Projection> into(int p) {
    return into.get(p);
  }

  /** Projections that start in population {@code p}. */
  public List<Projection> outOf(int p) {
    return outOf.get(p);
  }

  /** Analog projections that end in population {@code p}, in a fixed order. */
  public List<InputStage.AnalogProjection> fromImage(int p) {
    return fromImage.get(p);
  }

  /**
   * True if spikes of population {@code p} are -1, 0 or 1, not just 0 or 1: it is of signed neurons
   * or a max-pool gate whose source is signed. -1 takes back a spike sent before; what a synapse
   * adds is its weight times the spike.
   */
  public boolean signed(int p) {
    return signed.get(p);
  }

  /**
   * Steps a layer of a network whose neurons read a whole code before they send theirs, which is
   * then the length of a presentation; 0 of one whose spikes cross all layers in each step.
   */
  public int codeSteps() {
    return populations.get(output).model().codeSteps();
  }

  /** The same, or {@code otherwise} of a network that sends no codes. */
  public int codeStepsOr(int otherwise) {
    return codeSteps() > 0 ? codeSteps() : otherwise;
  }

  /** Neurons of all populations. */
  public long neurons() {
    long n = 0;
    for (Population p : populations) {
      n += p.shape().size();
    }
    return n;
  }

  /** The name and its size. */
  @Override
  public String toString() {
    return name + ", " + populations.size() + " populations";
  }
}
