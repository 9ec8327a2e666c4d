// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.Layout.FLOAT;
import static io.snnsim.format.Layout.INT;
import static io.snnsim.format.Layout.LONG;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads a .snn file from memory. Everything is checked, with exact arithmetic, before anything is
 * allocated from a stated size; a network that is returned satisfies {@link NetworkRules}.
 * Convolution weights stay where they are, as slices of the file. Not thread-safe.
 */
public final class SnnReader {
  /** One section, as found in the table. */
  public record SectionInfo(String name, long offset, long length, boolean checksumOk) {}

  private record Entry(int type, int index, long offset, long length, String name) {}

  private final MemorySegment file;
  private final String where;
  private final List<Entry> entries = new ArrayList<>();
  private MemorySegment strings;

  private SnnReader(MemorySegment file, String where) {
    this.file = file;
    this.where = where;
  }

  /**
   * Reads and verifies a whole file.
   *
   * @param where the file's name, for messages
   * @throws SnnsimException (bad data) saying what is wrong and where
   */
  public static ModelContents read(MemorySegment file, String where) {
    SnnReader r = new SnnReader(file, where);
    r.checkFrame();
    r.checkBody();
    Network network = r.network();
    NetworkRules.check(network, where);
    Map<String, byte[]> extras = new LinkedHashMap<>();
    for (Entry e : r.entries) {
      if (e.type() == Layout.EXTRA) {
        extras.put(e.name(), r.data(e).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return new ModelContents(network, extras);
  }

  /** Lists the sections and whether each one's checksum holds, if header and table are sound. */
  public static List<SectionInfo> sections(MemorySegment file, String where) {
    SnnReader r = new SnnReader(file, where);
    r.checkFrame();
    List<SectionInfo> result = new ArrayList<>();
    for (int i = 0; i < r.entries.size(); i++) {
      Entry e = r.entries.get(i);
      result.add(new SectionInfo(r.label(e), e.offset(), e.length(), r.checksumOk(i)));
    }
    return result;
  }

  private void checkFrame() {
    long size = file.byteSize();
    byte[] head =
        file.asSlice(0, Math.min(size, Layout.MAGIC.length)).toArray(ValueLayout.JAVA_BYTE);
    if (!java.util.Arrays.equals(head, Layout.MAGIC)) {
      throw bad("not a .snn model (" + looksLike(head) + "); make one with 'snnsim convert'");
    }
    if (size < Layout.HEADER_BYTES) {
      throw bad("truncated: found " + size + " bytes, expected a header of " + Layout.HEADER_BYTES);
    }
    int version = file.get(INT, Layout.H_VERSION);
    if (version < Layout.VERSION || version > Layout.NEWEST_VERSION) {
      throw bad(
          "format version "
              + version
              + ", expected "
              + IntStream.rangeClosed(Layout.VERSION, Layout.NEWEST_VERSION)
                  .mapToObj(Integer::toString)
                  .collect(Collectors.joining(" or "))
              + "; use a matching snnsim or convert again");
    }
    long stated = file.get(LONG, Layout.H_FILE_BYTES);
    if (file.get(INT, Layout.H_HEADER_CRC) != Layout.headerCrc(file)) {
      throw bad("the header's checksum differs: the file is damaged, copy or convert it again");
    }
    if (stated != size) {
      throw bad(
          (size < stated ? "truncated" : "over-long")
              + ": found "
              + size
              + " bytes, expected "
              + stated
              + "; copy it again");
    }
    int count = file.get(INT, Layout.H_SECTIONS);
    long tableEnd = Layout.HEADER_BYTES + (long) count * Layout.ENTRY_BYTES;
    if (file.get(INT, Layout.H_HEADER_BYTES) != Layout.HEADER_BYTES
        || file.get(LONG, Layout.H_TABLE) != Layout.HEADER_BYTES
        || file.get(INT, Layout.H_FLAGS) != 0
        || count < 1
        || count > Layout.MAX_SECTIONS
        || tableEnd > size) {
      throw bad("the header states an impossible section table (" + count + " sections)");
    }
    if (file.get(INT, Layout.H_TABLE_CRC)
        != Layout.crc(file, Layout.HEADER_BYTES, tableEnd - Layout.HEADER_BYTES)) {
      throw bad("the section table's checksum differs: the file is damaged");
    }
    long expected = Layout.align(tableEnd);
    for (int i = 0; i < count; i++) {
      long at = Layout.HEADER_BYTES + (long) i * Layout.ENTRY_BYTES;
      long offset = file.get(LONG, at + Layout.E_OFFSET);
      long length = file.get(LONG, at + Layout.E_LENGTH);
      if (offset != expected || length < 0 || length > size - offset) {
        throw bad(
            "section "
                + i
                + ": offset "
                + offset
                + ", length "
                + length
                + ", expected offset "
                + expected
                + " and an end within "
                + size);
      }
      expected = Layout.align(offset + length);
      byte[] name =
          file.asSlice(at + Layout.E_NAME, Layout.NAME_BYTES).toArray(ValueLayout.JAVA_BYTE);
      int n = 0;
      while (n < name.length && name[n] != 0) {
        n++;
      }
      entries.add(
          new Entry(
              file.get(INT, at + Layout.E_TYPE),
              file.get(INT, at + Layout.E_INDEX),
              offset,
              length,
              new String(name, 0, n, StandardCharsets.UTF_8)));
    }
    if (expected != size) {
      throw bad("the sections end at " + expected + ", expected the file's end " + size);
    }
  }

  /** One pass over everything; only if that fails are the sections looked at for the culprit. */
  private void checkBody() {
    int crc = Layout.crc(file, Layout.HEADER_BYTES, file.byteSize() - Layout.HEADER_BYTES);
    boolean whole = crc == file.get(INT, Layout.H_BODY_CRC);
    for (int i = 0; i < entries.size(); i++) {
      if (!checksumOk(i)) {
        throw bad(
            "section "
                + label(entries.get(i))
                + ": the checksum differs, the file is damaged; copy or convert it again");
      }
    }
    if (!whole) {
      throw bad("the file's checksum differs (padding between sections): the file is damaged");
    }
  }

  private boolean checksumOk(int i) {
    Entry e = entries.get(i);
    int stated = file.get(INT, Layout.HEADER_BYTES + (long) i * Layout.ENTRY_BYTES + Layout.E_CRC);
    return stated == Layout.crc(file, e.offset(), e.length());
  }

  private String label(Entry e) {
    return e.type() == Layout.EXTRA
        ? e.name()
        : Layout.typeName(e.type())
            + (e.type() == Layout.WEIGHTS || e.type() == Layout.ANALOG ? " " + e.index() : "");
  }

  private static String looksLike(byte[] head) {
    if (head.length == 0) {
      return "the file is empty";
    }
    if (head.length >= 2 && head[0] == 'P' && head[1] == 'K') {
      return "it looks like a zip or .npz file";
    }
    if (head.length >= 4 && head[0] == (byte) 0x89 && head[1] == 'H' && head[2] == 'D') {
      return "it looks like HDF5";
    }
    return "its first bytes are unknown";
  }

  private MemorySegment data(Entry e) {
    return file.asSlice(e.offset(), e.length());
  }

  private MemorySegment section(int type, int index, long length) {
    for (Entry e : entries) {
      if (e.type() == type && e.index() == index) {
        if (length >= 0 && e.length() != length) {
          throw bad("section " + label(e) + ": found " + e.length() + " bytes, expected " + length);
        }
        return data(e);
      }
    }
    throw bad("section " + Layout.typeName(type) + " " + index + " is missing");
  }

  private Network network() {
    MemorySegment n = section(Layout.NETWORK, 0, Layout.NETWORK_BYTES);
    strings = section(Layout.STRINGS, 0, -1);
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
    MemorySegment r = section(Layout.POPULATIONS, 0, (long) count * Layout.POPULATION_BYTES);
    MemorySegment channels = section(Layout.CHANNELS, 0, -1);
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
      NeuronModel model = NeuronModel.ofFile(id, r.get(INT, at + 28));
      if (model == null || (bits != 16 && bits != 32)) {
        throw bad("population " + name + ": unknown model " + id + " or " + bits + " bits of V");
      }
      if (file.get(INT, Layout.H_VERSION) < model.file().version()) {
        throw bad(
            "population "
                + name
                + ": "
                + model.noun()
                + "s in a file of version "
                + file.get(INT, Layout.H_VERSION)
                + ", expected version "
                + model.file().version()
                + "; convert again");
      }
      if (start != expected || start + 16L * c > channels.byteSize()) {
        throw bad("population " + name + ": channel values at " + start + ", expected " + expected);
      }
      expected += 16L * c;
      float[] lambda = new float[c];
      for (int k = 0; k < c; k++) {
        lambda[k] = channels.get(FLOAT, start + 12L * c + 4L * k);
      }
      result.add(
          new Population(
              name,
              new MapShape(c, h, w),
              model,
              bits == 32,
              ints(channels, start, c),
              ints(channels, start + 4L * c, c),
              ints(channels, start + 8L * c, c),
              lambda,
              r.get(LONG, at + 40),
              r.get(LONG, at + 48)));
    }
    if (expected != channels.byteSize()) {
      throw bad("section channels: found " + channels.byteSize() + " bytes, expected " + expected);
    }
    return result;
  }

  private List<Projection> projections(int count) {
    MemorySegment r = section(Layout.PROJECTIONS, 0, (long) count * Layout.PROJECTION_BYTES);
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
                  section(Layout.WEIGHTS, i, layout.byteSize()).asReadOnly()));
        }
        case 1 -> {
          int values = Math.multiplyExact(g.inChannels(), g.taps());
          MemorySegment w = section(Layout.WEIGHTS, i, 4L * values);
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
    MemorySegment s = section(Layout.INPUT, 0, -1);
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
      MemorySegment data = section(Layout.ANALOG, i, 4 * (weights + g.outChannels()));
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

  /** Fifteen sizes; small enough each that products of four cannot overflow a long. */
  private ConvGeometry geometry(MemorySegment s, long at, String name) {
    int[] v = ints(s, at, 15);
    for (int i = 0; i < v.length; i++) {
      boolean pad = i == 10 || i == 11;
      if (v[i] < (pad ? 0 : 1) || v[i] > 1 << 20) {
        throw bad("projection " + name + ": geometry value " + i + " is " + v[i]);
      }
    }
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(v[0], v[1], v[2]),
            new MapShape(v[3], v[4], v[5]),
            new Window(v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13]),
            v[14]);
    if (g.inChannels() % g.groups() != 0
        || g.outChannels() % g.groups() != 0
        || (double) g.outChannels() * g.inPerGroup() * g.kernelH() * g.kernelW() > 1 << 29) {
      throw bad("projection " + name + ": impossible groups or weight count");
    }
    return g;
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
    if (length > 4096 || offset + length > strings.byteSize()) {
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
