// SPDX-License-Identifier: Apache-2.0
/**
 * Simulates spiking neural networks that were converted from trained ANNs: off-heap, with SIMD, to
 * the same bit on every machine.
 *
 * <p>Exported is what embedders call, {@link io.snnsim.api}, and the failures they get; how
 * networks are converted, files read and kernels written stays inside.
 */
module io.snnsim {
  requires chronicle.bytes;
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires io.jhdf;
  requires java.desktop;
  requires jdk.incubator.vector;
  requires jdk.jfr;
  requires jdk.management;
  requires HdrHistogram;
  requires me.tongfei.progressbar;
  requires xchart;

  exports io.snnsim.api;
  exports io.snnsim.error;
  exports io.snnsim.geometry;
}
