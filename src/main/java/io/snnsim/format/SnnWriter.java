// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.Layout.FLOAT;
import static io.snnsim.format.Layout.INT;
import static io.snnsim.format.Layout.LONG;

import io.snnsim.error.SnnsimException;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Lays a model out as the bytes of a .snn file. The same contents give the same bytes. Not
 * thread-safe; one instance writes one model: plan ({@link #byteSize}), then {@link #write}.
 */
public final class SnnWriter {
  private record Section(int type, int index, String name, MemorySegment data, long offset) {}

  private final List<Section> sections = new ArrayList<>();
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final int version;
  private long end;

  /** Plans the file for {@code contents}. */
  public SnnWriter(ModelContents contents) {
    Network n = contents.network();
    // The oldest version that can say it, for the sake of older readers.
    version =
        Stream.of(
                n.populations().stream().map(p -> p.model().file().version()),
                n.projections().stream().map(p -> GeometryRecord.version(p.geometry())),
                n.input().projections().stream().map(p -> GeometryRecord.version(p.geometry())))
            .flatMap(versions -> versions)
            .reduce(Layout.VERSION, Math::max);
    List<Section> planned = new ArrayList<>();
    MemorySegment network = zeros(Layout.NETWORK_BYTES);
    name(network, 0, n.name());
    network.set(INT, 8, n.precision().ordinal());
    network.set(INT, 12, n.output());
    network.set(INT, 16, n.populations().size());
    network.set(INT, 20, n.projections().size());
    add(planned, Layout.NETWORK, 0, network);
    populations(planned, n);
    projections(planned, n);
    input(planned, n.input());
    add(planned, Layout.STRINGS, 0, MemorySegment.ofArray(strings.toByteArray()));
    for (Map.Entry<String, byte[]> e : contents.extras().entrySet()) {
      if (e.getKey().getBytes(StandardCharsets.UTF_8).length > Layout.NAME_BYTES) {
        throw new IllegalArgumentException("extra section name too long: " + e.getKey());
      }
      planned.add(new Section(Layout.EXTRA, 0, e.getKey(), MemorySegment.ofArray(e.getValue()), 0));
    }
    end = Layout.align(Layout.HEADER_BYTES + (long) planned.size() * Layout.ENTRY_BYTES);
    for (Section s : planned) {
      sections.add(new Section(s.type(), s.index(), s.name(), s.data(), end));
      end = Layout.align(end + s.data().byteSize());
    }
  }

  /** Size of the file. */
  public long byteSize() {
    return end;
  }

  /** Writes the file into {@code out}, which must be zeroed and {@link #byteSize} bytes long. */
  public void write(MemorySegment out) {
    MemorySegment.copy(Layout.MAGIC, 0, out, ValueLayout.JAVA_BYTE, 0, Layout.MAGIC.length);
    out.set(INT, Layout.H_VERSION, version);
    out.set(INT, Layout.H_HEADER_BYTES, Layout.HEADER_BYTES);
    out.set(LONG, Layout.H_FILE_BYTES, end);
    out.set(INT, Layout.H_SECTIONS, sections.size());
    out.set(LONG, Layout.H_TABLE, Layout.HEADER_BYTES);
    long entry = Layout.HEADER_BYTES;
    for (Section s : sections) {
      long length = s.data().byteSize();
      MemorySegment.copy(s.data(), 0, out, s.offset(), length);
      out.set(INT, entry + Layout.E_TYPE, s.type());
      out.set(INT, entry + Layout.E_INDEX, s.index());
      out.set(LONG, entry + Layout.E_OFFSET, s.offset());
      out.set(LONG, entry + Layout.E_LENGTH, length);
      out.set(INT, entry + Layout.E_CRC, Layout.crc(out, s.offset(), length));
      byte[] name = s.name().getBytes(StandardCharsets.UTF_8);
      MemorySegment.copy(name, 0, out, ValueLayout.JAVA_BYTE, entry + Layout.E_NAME, name.length);
      entry += Layout.ENTRY_BYTES;
    }
    out.set(
        INT, Layout.H_TABLE_CRC, Layout.crc(out, Layout.HEADER_BYTES, entry - Layout.HEADER_BYTES));
    out.set(
        INT, Layout.H_BODY_CRC, Layout.crc(out, Layout.HEADER_BYTES, end - Layout.HEADER_BYTES));
    out.set(INT, Layout.H_HEADER_CRC, Layout.headerCrc(out));
  }

  private void populations(List<Section> planned, Network n) {
    MemorySegment records = zeros((long) n.populations().size() * Layout.POPULATION_BYTES);
    long channelBytes = 0;
    for (Population p : n.populations()) {
      channelBytes += 16L * p.shape().channels();
    }
    MemorySegment channels = zeros(channelBytes);
    long at = 0;
    for (int i = 0; i < n.populations().size(); i++) {
      Population p = n.populations().get(i);
      long r = (long) i * Layout.POPULATION_BYTES;
      name(records, r, p.name());
      records.set(INT, r + 8, p.shape().channels());
      records.set(INT, r + 12, p.shape().height());
      records.set(INT, r + 16, p.shape().width());
      records.set(INT, r + 20, p.model().file().id());
      records.set(INT, r + 28, p.model().file().parameter());
      records.set(INT, r + 24, p.wide() ? 32 : 16);
      records.set(LONG, r + 32, at);
      records.set(LONG, r + 40, p.boundLow());
      records.set(LONG, r + 48, p.boundHigh());
      for (int[] values : new int[][] {p.theta(), p.v0(), p.bias()}) {
        for (int v : values) {
          channels.set(INT, at, v);
          at += 4;
        }
      }
      for (float v : p.lambda()) {
        channels.set(FLOAT, at, v);
        at += 4;
      }
    }
    add(planned, Layout.POPULATIONS, 0, records);
    add(planned, Layout.CHANNELS, 0, channels);
  }

  private void projections(List<Section> planned, Network n) {
    MemorySegment records = zeros((long) n.projections().size() * Layout.PROJECTION_BYTES);
    List<Section> weights = new ArrayList<>();
    for (int i = 0; i < n.projections().size(); i++) {
      Projection p = n.projections().get(i);
      long r = (long) i * Layout.PROJECTION_BYTES;
      name(records, r, p.name());
      records.set(INT, r + 12, p.source());
      records.set(INT, r + 16, p.target());
      GeometryRecord.write(records, r + 32, p.geometry());
      switch (p) {
        case ConvProjection c -> {
          records.set(INT, r + 8, 0);
          records.set(INT, r + 20, c.type().bytes());
          add(weights, Layout.WEIGHTS, i, c.weights());
        }
        case ChannelwiseProjection c -> {
          records.set(INT, r + 8, 1);
          records.set(INT, r + 20, 4);
          records.set(INT, r + 24, c.channelOffset());
          add(weights, Layout.WEIGHTS, i, ints(c.weights()));
        }
        case GateProjection g -> records.set(INT, r + 8, 2);
      }
    }
    add(planned, Layout.PROJECTIONS, 0, records);
    planned.addAll(weights);
  }

  private void input(List<Section> planned, InputStage in) {
    int c = in.shape().channels();
    long head = Layout.align(16 + 8L * c);
    MemorySegment s = zeros(head + (long) in.projections().size() * Layout.ANALOG_BYTES);
    s.set(INT, 0, c);
    s.set(INT, 4, in.shape().height());
    s.set(INT, 8, in.shape().width());
    s.set(INT, 12, in.projections().size());
    for (int i = 0; i < c; i++) {
      s.set(FLOAT, 16 + 4L * i, in.mean()[i]);
      s.set(FLOAT, 16 + 4L * (c + i), in.std()[i]);
    }
    List<Section> weights = new ArrayList<>();
    for (int i = 0; i < in.projections().size(); i++) {
      InputStage.AnalogProjection a = in.projections().get(i);
      long r = head + (long) i * Layout.ANALOG_BYTES;
      name(s, r, a.name());
      s.set(INT, r + 8, a.target());
      s.set(INT, r + 12, a.low());
      s.set(INT, r + 16, a.high());
      GeometryRecord.write(s, r + 32, a.geometry());
      MemorySegment w = zeros(4L * (a.weights().length + a.bias().length));
      for (int k = 0; k < a.weights().length; k++) {
        w.set(FLOAT, 4L * k, a.weights()[k]);
      }
      for (int k = 0; k < a.bias().length; k++) {
        w.set(FLOAT, 4L * (a.weights().length + k), a.bias()[k]);
      }
      add(weights, Layout.ANALOG, i, w);
    }
    add(planned, Layout.INPUT, 0, s);
    planned.addAll(weights);
  }

  private void name(MemorySegment s, long at, String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > Layout.MOST_NAME) {
      throw SnnsimException.badData(
          "a name of "
              + utf8.length
              + " bytes, expected at most "
              + Layout.MOST_NAME
              + " in a model file; shorten it in the network's file: "
              + name);
    }
    s.set(INT, at, strings.size());
    s.set(INT, at + 4, utf8.length);
    strings.writeBytes(utf8);
  }

  private static void add(List<Section> to, int type, int index, MemorySegment data) {
    to.add(new Section(type, index, "", data, 0));
  }

  private static MemorySegment zeros(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }

  private static MemorySegment ints(int[] values) {
    MemorySegment s = zeros(4L * values.length);
    for (int i = 0; i < values.length; i++) {
      s.set(INT, 4L * i, values[i]);
    }
    return s;
  }
}
