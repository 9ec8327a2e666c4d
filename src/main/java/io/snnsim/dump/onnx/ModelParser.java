// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the messages of an ONNX file, with field numbers of onnx.proto. Graphs within nodes are
 * stepped over, so it does not recurse. Used once, by one thread.
 */
final class ModelParser {
  private final Wire wire;
  private final Path file;
  private final Map<String, Long> opsets = new HashMap<>();
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
  private final List<OnnxModel.Port> inputs = new ArrayList<>();
  private final List<OnnxModel.Port> outputs = new ArrayList<>();
  private String name = "";
  private boolean hasGraph;

  ModelParser(Wire wire, Path file) {
    this.wire = wire;
    this.file = file;
  }

  /**
   * The model.
   *
   * @throws SnnsimException (bad data) if it is no sound protobuf
   */
  OnnxModel parse() {
    wire.fields(
        field -> {
          switch (field) {
            case 7 -> {
              if (hasGraph) {
                throw SnnsimException.badData(
                    file + ": found a second graph, expected one; export the model again");
              }
              hasGraph = true;
              wire.message(this::graph);
            }
            case 8 -> opset();
            default -> wire.skip();
          }
        });
    return new OnnxModel(opsets, name, nodes, initializers, inputs, outputs, hasGraph);
  }

  private void opset() {
    var domain =
        new Object() {
          String name = "";
          long version;
        };
    wire.message(
        field -> {
          switch (field) {
            case 1 -> domain.name = wire.text();
            case 2 -> domain.version = wire.varint();
            default -> wire.skip();
          }
        });
    opsets.put(domain.name, domain.version);
  }

  private void graph(int field) {
    switch (field) {
      case 1 -> nodes.add(node());
      case 2 -> name = wire.text();
      case 5 -> {
        OnnxTensor t = tensor();
        if (initializers.put(t.name(), t) != null) {
          throw SnnsimException.badData(
              file
                  + ": found two tensors named "
                  + Text.oneLine(t.name())
                  + ", expected one; export the model again");
        }
      }
      case 11 -> inputs.add(port());
      case 12 -> outputs.add(port());
      default -> wire.skip();
    }
  }

  private OnnxNode node() {
    var n =
        new Object() {
          String name = "";
          String op = "";
          String domain = "";
        };
    List<String> in = new ArrayList<>(2);
    List<String> out = new ArrayList<>(1);
    Map<String, OnnxNode.Attribute> attributes = new LinkedHashMap<>();
    wire.message(
        field -> {
          switch (field) {
            case 1 -> in.add(wire.text());
            case 2 -> out.add(wire.text());
            case 3 -> n.name = wire.text();
            case 4 -> n.op = wire.text();
            case 5 -> attribute(attributes);
            case 7 -> n.domain = wire.text();
            default -> wire.skip();
          }
        });
    return new OnnxNode(n.name, n.op, n.domain, in, out, attributes);
  }

  private void attribute(Map<String, OnnxNode.Attribute> into) {
    var a =
        new Object() {
          String name = "";
          int type;
          float f;
          long i;
          String s = "";
          OnnxTensor t;
          final List<Float> floats = new ArrayList<>(0);
          final List<Long> ints = new ArrayList<>(0);
        };
    wire.message(
        field -> {
          switch (field) {
            case 1 -> a.name = wire.text();
            case 2 -> a.f = wire.fixed32();
            case 3 -> a.i = wire.varint();
            case 4 -> a.s = wire.text();
            case 5 -> a.t = tensor();
            case 7 -> wire.floats(a.floats::add);
            case 8 -> wire.varints(a.ints::add);
            case 20 -> a.type = (int) wire.varint();
            default -> wire.skip();
          }
        });
    float[] floats = new float[a.floats.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = a.floats.get(i);
    }
    long[] ints = a.ints.stream().mapToLong(Long::longValue).toArray();
    into.put(a.name, new OnnxNode.Attribute(a.type, a.f, a.i, a.s, a.t, floats, ints));
  }

  private OnnxTensor tensor() {
    var t =
        new Object() {
          String name = "";
          int type;
          Wire.Span raw;
          int typedField;
          boolean elsewhere;
        };
    List<Long> dims = new ArrayList<>(4);
    List<Wire.Span> typed = new ArrayList<>(0);
    Map<String, String> external = new HashMap<>(0);
    wire.message(
        field -> {
          switch (field) {
            case 1 -> wire.varints(dims::add);
            case 2 -> t.type = (int) wire.varint();
            case OnnxTensor.FLOAT_DATA,
                OnnxTensor.INT32_DATA,
                OnnxTensor.INT64_DATA,
                OnnxTensor.DOUBLE_DATA,
                OnnxTensor.UINT64_DATA -> {
              t.typedField = field;
              typed.add(wire.span());
            }
            case 8 -> t.name = wire.text();
            case 9 -> t.raw = wire.span();
            case 13 -> entry(external);
            case 14 -> t.elsewhere = wire.varint() == 1;
            default -> wire.skip();
          }
        });
    return new OnnxTensor(
        t.name,
        dims.stream().mapToLong(Long::longValue).toArray(),
        t.type,
        t.raw,
        typed,
        t.typedField,
        t.elsewhere ? external : Map.of());
  }

  private void entry(Map<String, String> into) {
    var e =
        new Object() {
          String key = "";
          String value = "";
        };
    wire.message(
        field -> {
          switch (field) {
            case 1 -> e.key = wire.text();
            case 2 -> e.value = wire.text();
            default -> wire.skip();
          }
        });
    into.put(e.key, e.value);
  }

  private OnnxModel.Port port() {
    var p =
        new Object() {
          String name = "";
          int type;
          List<OnnxModel.Dim> dims;
        };
    wire.message(
        field -> {
          switch (field) {
            case 1 -> p.name = wire.text();
            case 2 ->
                wire.message(
                    kind -> {
                      if (kind != 1) {
                        wire.skip();
                        return;
                      }
                      wire.message(
                          part -> {
                            switch (part) {
                              case 1 -> p.type = (int) wire.varint();
                              case 2 -> p.dims = dims();
                              default -> wire.skip();
                            }
                          });
                    });
            default -> wire.skip();
          }
        });
    return new OnnxModel.Port(p.name, p.type, p.dims);
  }

  private List<OnnxModel.Dim> dims() {
    List<OnnxModel.Dim> dims = new ArrayList<>(4);
    wire.message(
        field -> {
          if (field == 1) {
            dims.add(dim());
          } else {
            wire.skip();
          }
        });
    return dims;
  }

  private OnnxModel.Dim dim() {
    var d =
        new Object() {
          long value = -1;
          String symbol = "";
        };
    wire.message(
        field -> {
          switch (field) {
            case 1 -> d.value = wire.varint();
            case 2 -> d.symbol = wire.text();
            default -> wire.skip();
          }
        });
    return new OnnxModel.Dim(Math.max(-1, d.value), d.symbol);
  }
}
