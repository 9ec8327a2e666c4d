// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.campaign.SnnSections.Section;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes what a .snn file says so that it often stays a possible file, though no conversion would
 * write it: other windows, thresholds, weights, neuron models and projections. Confined to one
 * thread.
 */
final class PossibleChanges {
  private static final float[] EXTREME_FLOATS = {
    0,
    -0f,
    1,
    -1,
    0.5f,
    1.5f,
    2.5f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.MIN_VALUE,
    1e-30f,
    1e10f,
    -1e10f,
    1e30f,
    16777217f,
    33554431f,
    2147483648f,
    Float.NaN,
    Float.POSITIVE_INFINITY
  };
  private static final int PROJECTION_BYTES = 128;
  private static final int POPULATION_BYTES = 64;

  private final SplittableRandom random;

  PossibleChanges(SplittableRandom random) {
    this.random = random;
  }

  /** Makes one change; none where sections are missing already. */
  void change(SnnSections s) {
    switch (random.nextInt(9)) {
      case 0, 1 -> geometry(s);
      case 2 -> floats(s);
      case 3, 4 -> channels(s);
      case 5 -> weights(s);
      case 6 -> model(s);
      case 7 -> output(s);
      default -> projection(s);
    }
  }

  /** A window that makes a map of the same size, unless it does not fit. */
  private void geometry(SnnSections s) {
    Section records =
        random.nextInt(4) == 0 ? s.first(SnnSections.INPUT) : s.first(SnnSections.PROJECTIONS);
    if (records == null || records.data.length < PROJECTION_BYTES) {
      return;
    }
    // What precedes the records of the input is 64 bytes for images of up to six channels.
    int head = records.data.length % PROJECTION_BYTES;
    int count = records.data.length / PROJECTION_BYTES;
    int at = head + PROJECTION_BYTES * random.nextInt(count) + 32;
    ByteBuffer b = records.buffer();
    int axis = 4 * random.nextInt(2);
    int kernel = b.getInt(at + 24 + axis);
    int stride = at + 32 + axis;
    int pad = at + 40 + axis;
    int dilation = at + 48 + axis;
    switch (random.nextInt(5)) {
      case 0 -> {
        int more = 1 + random.nextInt(3);
        b.putInt(dilation, b.getInt(dilation) + more);
        b.putInt(pad, b.getInt(pad) + more * (kernel - 1) / 2);
      }
      case 1 -> b.putInt(stride, 1 + random.nextInt(9));
      case 2 -> {
        s.version = 4;
        b.putInt(pad, Math.max(0, b.getInt(pad) + random.nextInt(3) - 1));
      }
      case 3 -> {
        s.version = 4;
        b.putInt(pad, random.nextInt(Math.clamp(kernel, 1, 100) + 2));
        b.putInt(stride, 1 + random.nextInt(4));
      }
      default -> {
        int of = b.getInt(at + 56);
        b.putInt(at + 56, of == 1 ? b.getInt(at) : 1);
      }
    }
  }

  private void floats(SnnSections s) {
    Section section =
        random.nextBoolean() ? s.first(SnnSections.ANALOG) : s.first(SnnSections.INPUT);
    if (section != null && section.data.length >= 20) {
      int from = section.type == SnnSections.INPUT ? 16 : 0;
      int most =
          section.type == SnnSections.INPUT
              ? Math.min(64, section.data.length)
              : section.data.length;
      int at = from + 4 * random.nextInt((most - from) / 4);
      section.buffer().putFloat(at, EXTREME_FLOATS[random.nextInt(EXTREME_FLOATS.length)]);
    }
  }

  /** Thetas, V(0), biases: of one channel or of all in a row. */
  private void channels(SnnSections s) {
    Section c = s.first(SnnSections.CHANNELS);
    if (c == null || c.data.length < 4) {
      return;
    }
    ByteBuffer b = c.buffer();
    int values = c.data.length / 4;
    int at = random.nextInt(values);
    int n = random.nextBoolean() ? 1 : Math.min(values - at, 1 + random.nextInt(64));
    int shape = random.nextInt(5);
    for (int k = at; k < at + n; k++) {
      int old = b.getInt(4 * k);
      int to =
          switch (shape) {
            case 0 -> Short.MAX_VALUE - random.nextInt(2);
            case 1 -> Short.MIN_VALUE + random.nextInt(2);
            case 2 -> old / 2;
            case 3 -> -old;
            default -> 1 + random.nextInt(8);
          };
      b.putInt(4 * k, to);
    }
  }

  /** Weights of a byte or more each: smaller ones, opposite ones, none. */
  private void weights(SnnSections s) {
    List<Section> all = s.all.stream().filter(w -> w.type == SnnSections.WEIGHTS).toList();
    if (all.isEmpty()) {
      return;
    }
    Section w = all.get(random.nextInt(all.size()));
    int from = random.nextInt(w.data.length + 1);
    int to = Math.min(w.data.length, from + 1 + random.nextInt(256));
    boolean opposite = random.nextBoolean();
    for (int k = from; k < to; k++) {
      w.data[k] = opposite ? (byte) ~w.data[k] : 0;
    }
  }

  private void model(SnnSections s) {
    Section p = s.first(SnnSections.POPULATIONS);
    if (p == null || p.data.length < POPULATION_BYTES) {
      return;
    }
    s.version = Math.max(s.version, 2 + random.nextInt(3));
    boolean all = random.nextBoolean();
    int one = random.nextInt(p.data.length / POPULATION_BYTES);
    int model = random.nextInt(4) == 0 ? random.nextInt(5) : 2 * random.nextInt(2);
    ByteBuffer b = p.buffer();
    for (int k = 0; k < p.data.length / POPULATION_BYTES; k++) {
      int at = POPULATION_BYTES * k + 20;
      boolean gate = b.getInt(at) == 1 || b.getInt(at) == 4;
      if (k == one || all && !gate) {
        b.putInt(at, model);
        b.putInt(at + 8, model > 2 ? 1 + random.nextInt(10) : 0);
      }
    }
  }

  private void output(SnnSections s) {
    Section n = s.first(SnnSections.NETWORK);
    if (n != null && n.data.length >= 24) {
      int populations = Math.clamp(n.buffer().getInt(16), 1, 1000);
      n.buffer().putInt(12, random.nextInt(populations));
    }
  }

  /** One projection less, or one of them twice, with half the weights. */
  private void projection(SnnSections s) {
    Section records = s.first(SnnSections.PROJECTIONS);
    Section network = s.first(SnnSections.NETWORK);
    if (records == null || network == null || network.data.length < 24) {
      return;
    }
    int count = records.data.length / PROJECTION_BYTES;
    if (count == 0) {
      return;
    }
    int one = random.nextInt(count);
    Section weights =
        s.all.stream()
            .filter(w -> w.type == SnnSections.WEIGHTS && w.index == one)
            .findFirst()
            .orElse(null);
    if (random.nextBoolean()) {
      byte[] fewer = new byte[records.data.length - PROJECTION_BYTES];
      System.arraycopy(records.data, 0, fewer, 0, one * PROJECTION_BYTES);
      int after = (one + 1) * PROJECTION_BYTES;
      System.arraycopy(
          records.data, after, fewer, one * PROJECTION_BYTES, records.data.length - after);
      records.data = fewer;
      s.all.remove(weights);
      s.all.stream()
          .filter(w -> w.type == SnnSections.WEIGHTS && w.index > one)
          .forEach(w -> w.index--);
      network.buffer().putInt(20, count - 1);
      return;
    }
    byte[] more = Arrays.copyOf(records.data, records.data.length + PROJECTION_BYTES);
    System.arraycopy(
        records.data, one * PROJECTION_BYTES, more, records.data.length, PROJECTION_BYTES);
    records.data = more;
    ByteBuffer b = records.buffer();
    int name = PROJECTION_BYTES * count + 4;
    // Another name: one that has its first letter only, or none.
    b.putInt(name, random.nextInt(2));
    network.buffer().putInt(20, count + 1);
    if (weights != null) {
      halve(weights, b.getInt(PROJECTION_BYTES * one + 20));
      Section twin = weights.copy();
      twin.index = count;
      s.all.add(s.all.indexOf(weights) + 1, twin);
    }
  }

  private static void halve(Section w, int bytes) {
    ByteBuffer b = w.buffer();
    for (int k = 0; k + bytes <= w.data.length; k += Math.max(1, bytes)) {
      switch (bytes) {
        case 1 -> b.put(k, (byte) (b.get(k) / 2));
        case 2 -> b.putShort(k, (short) (b.getShort(k) / 2));
        case 4 -> b.putInt(k, b.getInt(k) / 2);
        default -> {
          return;
        }
      }
    }
  }
}
