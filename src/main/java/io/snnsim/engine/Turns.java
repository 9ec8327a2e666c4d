// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.metrics.PopulationTurnEvent;
import io.snnsim.metrics.Recording;
import io.snnsim.network.Population;
import java.util.List;

/**
 * Gives every population its turn, and times the turns if somebody asked. Confined to the
 * simulation's thread; running allocates nothing, but once when JFR first records.
 */
final class Turns implements AutoCloseable {
  private final Assembly.Program[] programs;
  private final String[] names;
  private final boolean[] byLookup;
  private final Team team;
  private Probe probe;

  /** Null until JFR records for the first time. */
  private PopulationTurnEvent event;

  private final List<UpdateMethod> methods;

  /** What the team is at. */
  private Assembly.Program running;

  private int runningSteps;

  /**
   * @param byLookup by population: updated by lookup now
   * @param threads that share the work of a turn
   */
  Turns(Simulator model, Assembly.Program[] programs, boolean[] byLookup, int threads) {
    this.byLookup = byLookup;
    methods = model.plan().methods();
    this.programs = programs;
    team = threads == 1 ? null : new Team(threads, this::runShare);
    List<Population> populations = model.network().populations();
    names = populations.stream().map(Population::name).toArray(String[]::new);
  }

  /** Null for none. */
  void probe(Probe asked) {
    probe = asked;
  }

  /** Runs {@code steps} time steps of every population, the first being {@code firstStep}. */
  void run(int firstStep, int steps) {
    if (probe != null || isRecorded()) {
      runTimed(firstStep, steps);
      return;
    }
    for (Assembly.Program program : programs) {
      turn(program, steps);
    }
  }

  private boolean isRecorded() {
    if (event == null && Recording.everStarted()) {
      event = new PopulationTurnEvent();
    }
    return event != null && event.isEnabled();
  }

  private void turn(Assembly.Program program, int steps) {
    if (program.shares().length == 1) {
      program.shares()[0].run(steps);
    } else {
      running = program;
      runningSteps = steps;
      team.run();
    }
    program.finish(steps);
  }

  private void runShare(int part) {
    running.shares()[part].run(runningSteps);
  }

  /** Ends the threads. */
  @Override
  public void close() {
    if (team != null) {
      team.close();
    }
  }

  private void runTimed(int firstStep, int steps) {
    for (int p = 0; p < programs.length; p++) {
      PopulationTurnEvent e = event;
      if (e != null) {
        e.begin();
      }
      long from = System.nanoTime();
      turn(programs[p], steps);
      long nanos = System.nanoTime() - from;
      if (e != null) {
        e.end();
        if (e.shouldCommit()) {
          e.population = names[p];
          e.method = methods.get(p).inUse(byLookup[p]).name();
          e.firstStep = firstStep;
          e.steps = steps;
          e.commit();
        }
      }
      if (probe != null) {
        probe.turn(p, steps, nanos);
      }
    }
  }

  /** The time if somebody wants to know how long the input takes, else 0. */
  long inputBegins() {
    return probe == null ? 0 : System.nanoTime();
  }

  void inputEnds(long begun) {
    if (probe != null) {
      probe.input(System.nanoTime() - begun);
    }
  }
}
