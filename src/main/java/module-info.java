/**
 * Simulates spiking neural networks that were converted from trained ANNs: off-heap, with SIMD, to
 * the same bit on every machine.
 *
 * <p>Exported is what embedders call or get back; how foreign files are read and kernels are
 * written stays inside.
 */
module io.snnsim {
  requires chronicle.bytes;
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires io.jhdf;
  requires java.desktop;
  requires jdk.incubator.vector;
  requires jdk.jfr;
  requires HdrHistogram;
  requires me.tongfei.progressbar;
  requires xchart;

  exports io.snnsim.ann;
  exports io.snnsim.encode;
  exports io.snnsim.engine;
  exports io.snnsim.error;
  exports io.snnsim.format;
  exports io.snnsim.network;
  exports io.snnsim.readout;
  exports io.snnsim.store;
}
