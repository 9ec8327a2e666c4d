// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.Objects;

/**
 * Reads the state of one population of a session, as of the last step that was run. Confined to the
 * session's thread as the session is; reading allocates nothing and copies nothing.
 *
 * <p>Channels, rows and columns count from 0; one beyond the map is an {@link
 * IndexOutOfBoundsException}.
 */
public final class PopulationView {
  private final Session session;
  private final io.snnsim.engine.Simulation engine;
  private final int population;
  private final PopulationInfo info;
  private final int[] theta;

  PopulationView(
      Session session,
      io.snnsim.engine.Simulation engine,
      int population,
      PopulationInfo info,
      int[] theta) {
    this.session = session;
    this.engine = engine;
    this.population = population;
    this.info = info;
    this.theta = theta;
  }

  /** {@return what it is a view of} */
  public PopulationInfo info() {
    return info;
  }

  /**
   * Membrane potential of a neuron in grid units; its threshold is {@link #threshold}.
   *
   * @param channel from 0
   * @param y row, from 0
   * @param x column, from 0
   * @return in grid units
   */
  public int potential(int channel, int y, int x) {
    check(channel, y, x);
    return engine.potential(population, channel, y, x);
  }

  /**
   * Threshold of a channel's neurons in grid units.
   *
   * @param channel from 0
   * @return in grid units, at least 1
   */
  public int threshold(int channel) {
    return theta[channel];
  }

  /**
   * Spikes of a neuron since the image was presented, positive minus negative ones.
   *
   * @param channel from 0
   * @param y row, from 0
   * @param x column, from 0
   * @return positive minus negative spikes
   * @throws SnnsimException (usage) if the session does not keep counts of this population
   */
  public int count(int channel, int y, int x) {
    check(channel, y, x);
    if (!engine.countsKept(population)) {
      throw new SnnsimException(
          Category.USAGE,
          "population "
              + info.name()
              + ": counts are not kept; open the session with SessionOptions.counts");
    }
    return engine.spikeCount(population, channel, y, x);
  }

  /**
   * Spike of a neuron in the last step: 0 or 1, or -1 of a signed population.
   *
   * @param channel from 0
   * @param y row, from 0
   * @param x column, from 0
   * @return 0 or 1, or -1 of a signed population
   * @throws SnnsimException (usage) if the session does not keep spikes of this population
   */
  public int spike(int channel, int y, int x) {
    check(channel, y, x);
    if (!engine.spikesKept(population)) {
      throw new SnnsimException(
          Category.USAGE,
          "population "
              + info.name()
              + ": spikes are not kept; open the session with SessionOptions.spikes");
    }
    return engine.spike(population, channel, y, x);
  }

  /**
   * {@return spikes of all neurons since the image was presented, positive and negative ones alike}
   */
  public long spikeTotal() {
    session.check();
    return engine.spikeTotal(population);
  }

  private void check(int channel, int y, int x) {
    session.check();
    Objects.checkIndex(channel, info.shape().channels());
    Objects.checkIndex(y, info.shape().height());
    Objects.checkIndex(x, info.shape().width());
  }

  /** {@return what it is a view of} */
  @Override
  public String toString() {
    return "view of population "
        + info.name()
        + ", "
        + info.shape()
        + (info.signed() ? ", signed" : "")
        + ", of a "
        + session;
  }
}
