// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.kernel.state.SlotStep;

/**
 * Makes of a population's spikes what its targets read: spike words and event lists for those
 * updated by events, index planes for those updated by lookup. Which of them depends on the methods
 * that are in use. Confined to the simulation's thread; allocates only in the constructor.
 */
final class SpikeForms {
  /**
   * Who reads the spikes, one an outgoing projection.
   *
   * @param population that reads
   * @param words reads spike words even by lookup, since its planes are of another lane type
   * @param listed reads the event list if it is updated by events
   */
  record Reader(int population, boolean words, boolean listed) {}

  private final int population;
  private final Reader[] readers;
  private final boolean wordsAsked;
  private final Makers makers;
  private final SlotStep[] derived;
  private final SlotStep[] active = new SlotStep[3];
  private boolean planesWanted;
  private int activeSteps;

  /**
   * What makes each form.
   *
   * @param words from planes, used after a step by lookup; null if it never is needed
   * @param planes from words, used after a step by events; null if it never is needed
   * @param derived other planes, from both
   * @param list the event list from words; null if it never is needed
   */
  record Makers(SlotStep words, SlotStep planes, SlotStep[] derived, SlotStep list) {}

  /**
   * @param wordsAsked somebody else wants spike words after every step
   */
  SpikeForms(int population, Reader[] readers, boolean wordsAsked, Makers makers) {
    this.population = population;
    this.readers = readers;
    this.wordsAsked = wordsAsked;
    this.makers = makers;
    derived = makers.derived();
  }

  /**
   * Follows the methods.
   *
   * @param byLookup of every population, in the next step block
   */
  void follow(boolean[] byLookup) {
    boolean wordsWanted = wordsAsked;
    boolean listWanted = false;
    planesWanted = false;
    for (Reader r : readers) {
      wordsWanted |= r.words() || !byLookup[r.population()];
      listWanted |= r.listed() && !byLookup[r.population()];
      planesWanted |= byLookup[r.population()];
    }
    activeSteps = 0;
    if (byLookup[population] && wordsWanted) {
      add(makers.words());
    }
    if (!byLookup[population] && planesWanted) {
      add(makers.planes());
    }
    if (listWanted) {
      add(makers.list());
    }
  }

  private void add(SlotStep step) {
    if (step != null) {
      active[activeSteps++] = step;
    }
  }

  /** Makes them of the first {@code slots} steps of a step block. */
  void make(int slots) {
    for (int i = 0; i < activeSteps; i++) {
      for (int slot = 0; slot < slots; slot++) {
        active[i].run(slot);
      }
    }
    if (planesWanted) {
      for (SlotStep step : derived) {
        for (int slot = 0; slot < slots; slot++) {
          step.run(slot);
        }
      }
    }
  }
}
