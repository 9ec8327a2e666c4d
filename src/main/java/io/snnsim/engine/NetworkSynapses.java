// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.lookup.Synapses;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.Projection;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Projections as the lookup tables are built from them. Stateless. */
final class NetworkSynapses {
  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private NetworkSynapses() {}

  static Window geometry(ConvGeometry g) {
    return new Window(
        g.kernelH(),
        g.kernelW(),
        g.window().strideH(),
        g.window().strideW(),
        g.window().padH(),
        g.window().padW(),
        g.window().dilationH(),
        g.window().dilationW());
  }

  /** What all projections say of themselves. */
  private abstract static class Joined implements Synapses {
    private final Projection projection;

    Joined(Projection projection) {
      this.projection = projection;
    }

    @Override
    public final int source() {
      return projection.source();
    }

    @Override
    public final Window geometry() {
      return projection.geometry().window();
    }
  }

  /** A dense or grouped convolution. */
  static Synapses of(ConvProjection p) {
    ConvGeometry g = p.geometry();
    LaneLayout layout = p.lanes();
    int blocks = layout.blocks();
    long[] offset = new long[blocks];
    int[] icStart = new int[blocks];
    int[] icCount = new int[blocks];
    int[] lanes = new int[blocks];
    for (int b = 0; b < blocks; b++) {
      offset[b] = ConvProjection.blockOffset(g, p.type(), b);
      icStart[b] = ConvProjection.icStart(g, b);
      icCount[b] = ConvProjection.icEnd(g, b) - icStart[b];
      lanes[b] = layout.lanes(b);
    }
    int inPerGroup = g.inPerGroup();
    int outPerGroup = g.outPerGroup();
    int bytes = p.type().bytes();
    MemorySegment weights = p.weights();
    return new Joined(p) {
      @Override
      public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
        int first = ocFrom / outPerGroup * inPerGroup;
        int last = ((ocTo - 1) / outPerGroup + 1) * inPerGroup;
        return icFrom < last && icTo > first;
      }

      @Override
      public int weight(int oc, int ic, int ky, int kx) {
        int group = oc / outPerGroup;
        if (ic / inPerGroup != group) {
          return 0;
        }
        int b = oc / LaneLayout.BLOCK;
        long row = (long) (ky * g.kernelW() + kx) * icCount[b] + ic - icStart[b];
        long at = offset[b] + (row * lanes[b] + oc % LaneLayout.BLOCK) * bytes;
        return switch (bytes) {
          case 1 -> weights.get(JAVA_BYTE, at);
          case 2 -> weights.get(LE_SHORT, at);
          default -> weights.get(LE_INT, at);
        };
      }
    };
  }

  /** Depthwise convolution, pooling or shortcut. */
  static Synapses of(ChannelwiseProjection p) {
    ConvGeometry g = p.geometry();
    return new Joined(p) {
      @Override
      public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
        return icFrom < ocTo - p.channelOffset() && icTo > ocFrom - p.channelOffset();
      }

      @Override
      public int weight(int oc, int ic, int ky, int kx) {
        return ic == oc - p.channelOffset()
            ? p.weights()[ic * g.taps() + ky * g.kernelW() + kx]
            : 0;
      }
    };
  }

  /** The window of a max-pool gate, which has no weights. */
  static Synapses of(GateProjection p) {
    return new Joined(p) {
      @Override
      public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
        return icFrom < ocTo && icTo > ocFrom;
      }

      @Override
      public int weight(int oc, int ic, int ky, int kx) {
        return 0;
      }
    };
  }
}
