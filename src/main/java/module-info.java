// SPDX-License-Identifier: Apache-2.0
/**
 * Simulates spiking neural networks that were converted from trained ANNs: off-heap, with SIMD, to
 * the same bit on every machine.
 *
 * <p>Exported is what embedders call, {@link io.snnsim.api} to run models and {@link
 * io.snnsim.conversion} to make them, and the failures they get; how networks are fitted, files
 * read and kernels written stays inside.
 *
 * <p>Running a model needs what is required here without {@code static}. The rest is for the
 * program and for conversion, which say what they miss.
 */
module io.snnsim {
  requires com.fasterxml.jackson.core;
  requires jdk.incubator.vector;
  requires jdk.jfr;
  requires jdk.management;
  requires static HdrHistogram;
  requires static chronicle.bytes;
  requires static chronicle.core;
  requires static com.fasterxml.jackson.databind;
  requires static info.picocli;
  requires static io.jhdf;
  requires static java.desktop;
  requires static me.tongfei.progressbar;
  requires static xchart;

  exports io.snnsim.api;
  exports io.snnsim.conversion;
  exports io.snnsim.error;
  exports io.snnsim.geometry;
}
