// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.Layout.FLOAT;
import static io.snnsim.format.Layout.INT;
import static io.snnsim.format.Layout.LONG;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightLayout;
import io.snnsim.network.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a .snn file from memory. Everything is checked, with exact arithmetic, before anything is
 * allocated from a stated size; a network that is returned satisfies {@link NetworkRules}.
 * Convolution weights stay where they are, as slices of the file. Not thread-safe.
 */
public final class SnnReader {
  /**
   * What a file holds.
   *
   * @param extras by name, in the file's order: slices of the file, of whatever length
   */
  public record Contents(Network network, Map<String, MemorySegment> extras) {}

  /** One section, as found in the table. */
  public record SectionInfo(String name, long offset, long length, boolean checksumOk) {}

  private final SectionTable table;
  private final String where;
  private MemorySegment strings;

  private SnnReader(SectionTable table, String where) {
    this.table = table;
    this.where = where;
  }

  /**
   * Reads and verifies a whole file.
   *
   * @param where the file's name, for messages
   * @throws SnnsimException (bad data) saying what is wrong and where
   */
  public static Contents read(MemorySegment file, String where) {
    SectionTable table = new SectionTable(file, where);
    table.checkBody();
    Network network = new SnnReader(table, where).network();
    NetworkRules.check(network, where);
    Map<String, MemorySegment> extras = new LinkedHashMap<>();
    for (SectionTable.Entry e : table.entries()) {
      if (e.type() == Layout.EXTRA) {
        extras.put(e.name(), table.data(e).asReadOnly());
      }
    }
    return new Contents(network, Collections.unmodifiableMap(extras));
  }

  /** Lists the sections and whether each one's checksum holds, if header and table are sound. */
  public static List<SectionInfo> sections(MemorySegment file, String where) {
    SectionTable table = new SectionTable(file, where);
    List<SectionInfo> result = new ArrayList<>();
    for (int i = 0; i < table.entries().size(); i++) {
      SectionTable.Entry e = table.entries().get(i);
      result.add(new SectionInfo(table.label(e), e.offset(), e.length(), table.checksumOk(i)));
    }
    return result;
  }

  private Network network() {
    MemorySegment n = table.section(Layout.NETWORK, 0, Layout.NETWORK_BYTES);
    strings = table.section(Layout.STRINGS, 0, -1);
    int populationCount = count(n.get(INT, 16), "populations");
    int projectionCount = count(n.get(INT, 20), "projections");
    int precision = n.get(INT, 8);
    if (precision < 0 || precision >= Precision.values().length) {
      throw bad("network: precision code " + precision + ", expected 0..2");
    }
    List<Population> populations = populations(populationCount);
    List<Projection> projections = projections(projectionCount);
    int output = n.get(INT, 12);
    return new Network(
        name(n, 0), Precision.values()[precision], input(), populations, projections, output);
  }

  private List<Population> populations(int count) {
    MemorySegment r = table.section(Layout.POPULATIONS, 0, (long) count * Layout.POPULATION_BYTES);
    MemorySegment channels = table.section(Layout.CHANNELS, 0, -1);
    List<Population> result = new ArrayList<>();
    long expected = 0;
    for (int i = 0; i < count; i++) {
      long at = (long) i * Layout.POPULATION_BYTES;
      String name = name(r, at);
      int c = r.get(INT, at + 8);
      int h = r.get(INT, at + 12);
      int w = r.get(INT, at + 16);
      int id = r.get(INT, at + 20);
      int bits = r.get(INT, at + 24);
      long start = r.get(LONG, at + 32);
      if (c < 1 || h < 1 || w < 1 || (double) c * h * w > 1 << 30) {
        throw bad("population " + name + ": shape " + c + "x" + h + "x" + w + " is impossible");
      }
      NeuronModel model = model(name, id, r.get(INT, at + 28));
      if (bits != 16 && bits != 32) {
        throw bad("population " + name + ": " + bits + " bits of V, expected 16 or 32");
      }
      if (start != expected || start + 16L * c > channels.byteSize()) {
        throw bad("population " + name + ": channel values at " + start + ", expected " + expected);
      }
      expected += 16L * c;
      result.add(
          new Population(
              name,
              new MapShape(c, h, w),
              model,
              bits == 32,
              new Population.Channels(
                  ints(channels, start, c),
                  ints(channels, start + 4L * c, c),
                  ints(channels, start + 8L * c, c),
                  floats(channels, start + 12L * c, c)),
              new NeuronModel.InputRange(r.get(LONG, at + 40), r.get(LONG, at + 48))));
    }
    if (expected != channels.byteSize()) {
      throw bad("section channels: found " + channels.byteSize() + " bytes, expected " + expected);
    }
    return result;
  }

  private NeuronModel model(String population, int id, int parameter) {
    NeuronModel model = NeuronModel.ofFile(id, parameter);
    if (model == null) {
      // Codes are the only models with a parameter, which is their length.
      boolean known = NeuronModel.KNOWN.stream().anyMatch(m -> m.file().id() == id);
      throw bad(
          "population "
              + population
              + ": neuron model "
              + Integer.toUnsignedString(id)
              + (known
                  ? " of "
                      + Integer.toUnsignedString(parameter)
                      + " steps, expected 1.."
                      + NeuronModel.FewSpike.MOST_STEPS
                  : ", expected 0.." + (NeuronModel.KNOWN.size() - 1))
              + "; use a matching snnsim or convert again");
    }
    if (table.version() < model.file().version()) {
      throw bad(
          "population "
              + population
              + ": "
              + model.noun()
              + "s in a file of version "
              + table.version()
              + ", expected version "
              + model.file().version()
              + "; convert again");
    }
    return model;
  }

  private List<Projection> projections(int count) {
    MemorySegment r = table.section(Layout.PROJECTIONS, 0, (long) count * Layout.PROJECTION_BYTES);
    List<Projection> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = (long) i * Layout.PROJECTION_BYTES;
      String name = name(r, at);
      int kind = r.get(INT, at + 8);
      int source = r.get(INT, at + 12);
      int target = r.get(INT, at + 16);
      int bytes = r.get(INT, at + 20);
      ConvGeometry g = geometry(r, at + 32, name);
      switch (kind) {
        case 0 -> {
          WeightType type =
              switch (bytes) {
                case 1 -> WeightType.I8;
                case 2 -> WeightType.I16;
                case 4 -> WeightType.I32;
                default -> throw bad("projection " + name + ": weights of " + bytes + " bytes");
              };
          WeightLayout layout = WeightLayout.of(g, type);
          result.add(
              new ConvProjection(
                  name,
                  source,
                  target,
                  layout,
                  table.section(Layout.WEIGHTS, i, layout.byteSize()).asReadOnly()));
        }
        case 1 -> {
          int values = Math.multiplyExact(g.inChannels(), g.taps());
          MemorySegment w = table.section(Layout.WEIGHTS, i, 4L * values);
          result.add(
              new ChannelwiseProjection(
                  name, source, target, g, r.get(INT, at + 24), ints(w, 0, values)));
        }
        case 2 -> result.add(new GateProjection(name, source, target, g));
        default -> throw bad("projection " + name + ": unknown kind " + kind);
      }
    }
    return result;
  }

  private InputStage input() {
    MemorySegment s = table.section(Layout.INPUT, 0, -1);
    if (s.byteSize() < 16) {
      throw bad("section input: found " + s.byteSize() + " bytes, expected at least 16");
    }
    int c = s.get(INT, 0);
    int h = s.get(INT, 4);
    int w = s.get(INT, 8);
    int count = count(s.get(INT, 12), "analog projections");
    if (c < 1 || h < 1 || w < 1 || (double) c * h * w > 1 << 28) {
      throw bad("input: shape " + c + "x" + h + "x" + w + " is impossible");
    }
    long head = Layout.align(16 + 8L * c);
    if (s.byteSize() != head + (long) count * Layout.ANALOG_BYTES) {
      throw bad("section input: found " + s.byteSize() + " bytes for " + count + " projections");
    }
    List<InputStage.AnalogProjection> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = head + (long) i * Layout.ANALOG_BYTES;
      String name = name(s, at);
      ConvGeometry g = geometry(s, at + 32, name);
      long weights = (long) g.outChannels() * g.inPerGroup() * g.taps();
      MemorySegment data = table.section(Layout.ANALOG, i, 4 * (weights + g.outChannels()));
      result.add(
          new InputStage.AnalogProjection(
              name,
              s.get(INT, at + 8),
              g,
              floats(data, 0, Math.toIntExact(weights)),
              floats(data, 4 * weights, g.outChannels()),
              s.get(INT, at + 12),
              s.get(INT, at + 16)));
    }
    return new InputStage(
        new MapShape(c, h, w), floats(s, 16, c), floats(s, 16 + 4L * c, c), List.copyOf(result));
  }

  private ConvGeometry geometry(MemorySegment s, long at, String name) {
    try {
      return GeometryRecord.read(s, at, table.version());
    } catch (IllegalArgumentException e) {
      throw bad("projection " + name + ": " + e.getMessage());
    }
  }

  private int count(int n, String what) {
    if (n < 0 || n > Layout.MAX_SECTIONS) {
      throw bad("found " + n + " " + what + ", expected 0.." + Layout.MAX_SECTIONS);
    }
    return n;
  }

  private String name(MemorySegment s, long at) {
    long offset = s.get(INT, at) & 0xffffffffL;
    long length = s.get(INT, at + 4) & 0xffffffffL;
    if (length > Layout.MOST_NAME || offset + length > strings.byteSize()) {
      throw bad("a name lies outside of the section strings");
    }
    return new String(
        strings.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private static int[] ints(MemorySegment s, long at, int n) {
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      out[i] = s.get(INT, at + 4L * i);
    }
    return out;
  }

  private static float[] floats(MemorySegment s, long at, int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = s.get(FLOAT, at + 4L * i);
    }
    return out;
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(where + ": " + what);
  }
}
