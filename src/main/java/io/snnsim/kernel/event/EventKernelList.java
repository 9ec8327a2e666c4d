// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.event;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Says which vector kernel serves what, at which types and vector widths. To add a kernel, add a
 * line here. Stateless and thread-safe.
 */
final class EventKernelList {
  /**
   * A kernel of convolutions.
   *
   * @param partial of those whose blocks read a part of the source's channels, else of the others
   * @param weightBytes of weights of that size
   * @param serves of those windows
   * @param events it reads the source's event list
   */
  private record Conv(
      boolean partial,
      int weightBytes,
      Predicate<Window> serves,
      boolean events,
      Function<ConvArgs, RowKernel> make) {}

  /** 64-bit vectors of bytes are wider than those of shorts. */
  private static final boolean NARROW = Species.SHORTS.length() < Species.BYTES.length();

  /** The first that serves a convolution is taken. */
  private static final List<Conv> CONVOLUTIONS =
      List.of(
          new Conv(true, 1, w -> true, false, GroupedConv8::new),
          new Conv(true, 2, w -> true, false, GroupedConv16::new),
          new Conv(true, 4, w -> true, false, GroupedConv32::new),
          new Conv(false, 1, w -> RollConv.fits(w) && !NARROW, false, Roll8::new),
          new Conv(false, 2, w -> RollConv.fits(w) && !NARROW, false, Roll16::new),
          new Conv(false, 4, w -> RollConv.fits(w) && !NARROW, false, Roll32::new),
          new Conv(false, 1, w -> NARROW, true, Conv8Narrow::new),
          new Conv(false, 1, w -> true, true, Conv8::new),
          new Conv(false, 2, w -> true, true, Conv16::new),
          new Conv(false, 4, w -> true, true, Conv32::new));

  private EventKernelList() {}

  static RowKernel conv(ConvArgs a) {
    return first(a.geometry(), !a.dense(), a.weightBytes()).make().apply(a);
  }

  static boolean needsEvents(Window window, boolean partial) {
    return first(window, partial, 1).events()
        || first(window, partial, 2).events()
        || first(window, partial, 4).events();
  }

  private static Conv first(Window window, boolean partial, int weightBytes) {
    for (Conv c : CONVOLUTIONS) {
      if (c.partial == partial && c.weightBytes == weightBytes && c.serves.test(window)) {
        return c;
      }
    }
    throw new IllegalArgumentException("weightBytes=" + weightBytes);
  }

  static RowKernel channelwise(ChannelwiseArgs a) {
    return a.target().wide ? Channelwise32.of(a) : Channelwise16.of(a);
  }

  static RowKernel fire(PopulationState t) {
    return switch (t.kind) {
      case NeuronKind.IntegrateAndFire k -> t.wide ? RowFire32.unsigned(t) : RowFire16.unsigned(t);
      case NeuronKind.SignedIntegrateAndFire k ->
          t.wide ? RowFire32.signed(t) : RowFire16.signed(t);
      case NeuronKind.FewSpike k -> t.wide ? new FewSpikes32(t) : new FewSpikes16(t);
      case NeuronKind.MaxGate k -> throw new IllegalArgumentException("a gate has no V");
      case NeuronKind.MaxRace k -> throw new IllegalArgumentException("a gate has no V");
    };
  }
}
