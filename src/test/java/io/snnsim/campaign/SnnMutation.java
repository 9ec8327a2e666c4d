// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.campaign.SnnSections.Section;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Changes what a .snn file says while its checksums stay right: half of the changes are wild, to be
 * refused, half are {@link PossibleChanges}, to reach the kernels. Confined to one thread.
 */
final class SnnMutation {
  private static final int[] EXTREME_INTS = {
    0,
    1,
    -1,
    2,
    3,
    4,
    7,
    8,
    16,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    1000,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    1 << 20,
    (1 << 20) + 1,
    1 << 28,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MAX_VALUE - 63,
    Integer.MIN_VALUE,
    Integer.MIN_VALUE + 1,
    -128,
    -32768,
    -32769
  };
  private static final int[] RECORDS = {
    SnnSections.NETWORK, SnnSections.POPULATIONS, SnnSections.PROJECTIONS, SnnSections.INPUT
  };
  private static final int PROJECTION_BYTES = 128;
  private static final int POPULATION_BYTES = 64;

  private final SplittableRandom random;
  private final PossibleChanges possible;

  SnnMutation(SplittableRandom random) {
    this.random = random;
    possible = new PossibleChanges(random);
  }

  /** The changed file; {@code sections} are changed too. */
  byte[] of(SnnSections sections) {
    int changes = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1;
    for (int k = 0; k < changes; k++) {
      change(sections);
    }
    byte[] file = sections.sealed();
    if (random.nextInt(16) == 0) {
      frame(file, sections.all.size());
    }
    return random.nextInt(200) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : file;
  }

  private void change(SnnSections s) {
    switch (random.nextInt(16)) {
      case 0, 1 -> anyInt(any(s));
      case 2 -> anyInt(record(s));
      case 3 -> borrow(record(s));
      case 4 -> anyByte(any(s));
      case 5 -> anyLong(any(s));
      case 6 -> section(s);
      default -> possible.change(s);
    }
  }

  private void anyInt(Section s) {
    if (s.data.length >= 4) {
      int at = 4 * random.nextInt(s.data.length / 4);
      s.buffer().putInt(at, other(s.buffer().getInt(at)));
    }
  }

  private void anyLong(Section s) {
    if (s.data.length >= 8) {
      int at = 8 * random.nextInt(s.data.length / 8);
      s.buffer().putLong(at, other(s.buffer().getLong(at)));
    }
  }

  private void anyByte(Section s) {
    if (s.data.length > 0) {
      s.data[random.nextInt(s.data.length)] = (byte) random.nextInt();
    }
  }

  /** A field of one record becomes that of another one. */
  private void borrow(Section s) {
    int stride = s.type == SnnSections.POPULATIONS ? POPULATION_BYTES : PROJECTION_BYTES;
    int records = s.data.length / stride;
    if (records > 1) {
      int field = 4 * random.nextInt(stride / 4);
      int n = random.nextBoolean() ? 4 : Math.min(60, stride - field);
      int from = random.nextInt(records) * stride + field;
      int to = random.nextInt(records) * stride + field;
      System.arraycopy(s.data, from, s.data, to, n);
    }
  }

  private void section(SnnSections s) {
    int i = random.nextInt(s.all.size());
    Section at = s.all.get(i);
    switch (random.nextInt(7)) {
      case 0 -> {
        if (s.all.size() > 1) {
          s.all.remove(i);
        }
      }
      case 1 -> s.all.add(random.nextInt(s.all.size() + 1), at.copy());
      case 2 -> s.all.set(i, s.all.set(random.nextInt(s.all.size()), at));
      case 3 -> at.data = Arrays.copyOf(at.data, random.nextInt(at.data.length + 1));
      case 4 -> at.data = Arrays.copyOf(at.data, at.data.length + random.nextInt(200));
      case 5 -> at.type = random.nextBoolean() ? random.nextInt(70) : other(at.type);
      default -> at.index = other(at.index);
    }
  }

  /** Header and table, whose checksums are right all the same. */
  private void frame(byte[] file, int sections) {
    ByteBuffer b = SnnSections.little(file);
    if (random.nextInt(3) == 0) {
      int at = 8 + 4 * random.nextInt(30);
      b.putInt(at, other(b.getInt(at)));
    } else {
      int entry = SnnSections.HEADER + SnnSections.ENTRY * random.nextInt(sections);
      if (random.nextBoolean()) {
        int at = entry + 4 * random.nextInt(16);
        b.putInt(at, other(b.getInt(at)));
      } else {
        int at = entry + (random.nextBoolean() ? 8 : 16);
        b.putLong(at, other(b.getLong(at)));
      }
    }
    SnnSections.checked(file);
  }

  // What is changed, into what

  /** Any section, but seldom one of weights, which are most of a file. */
  private Section any(SnnSections s) {
    Section found = s.all.get(random.nextInt(s.all.size()));
    boolean bulk = found.type == SnnSections.WEIGHTS || found.type == SnnSections.ANALOG;
    return bulk && random.nextInt(4) > 0 ? record(s) : found;
  }

  private Section record(SnnSections s) {
    Section found = s.first(RECORDS[random.nextInt(RECORDS.length)]);
    return found == null ? s.all.getFirst() : found;
  }

  private int other(int old) {
    return switch (random.nextInt(6)) {
      case 0 -> old + (random.nextBoolean() ? 1 : -1);
      case 1 -> old ^ 1 << random.nextInt(32);
      case 2 -> random.nextInt();
      case 3 -> old * 2;
      default -> EXTREME_INTS[random.nextInt(EXTREME_INTS.length)];
    };
  }

  private long other(long old) {
    return switch (random.nextInt(6)) {
      case 0 -> old + 64L * (random.nextInt(5) - 2);
      case 1 -> old ^ 1L << random.nextInt(64);
      case 2 -> random.nextLong();
      case 3 -> Long.MAX_VALUE - random.nextInt(130);
      case 4 -> Long.MIN_VALUE + random.nextInt(130);
      default -> EXTREME_INTS[random.nextInt(EXTREME_INTS.length)];
    };
  }
}
