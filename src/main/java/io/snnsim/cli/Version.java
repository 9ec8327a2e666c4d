// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.kernel.KernelProvider;
import io.snnsim.report.Host;
import io.snnsim.report.Program;
import picocli.CommandLine;

/** What {@code snnsim --version} prints. Stateless. */
final class Version implements CommandLine.IVersionProvider {
  /** The kernels that {@code --kernel auto} takes here, and why. */
  static String kernel() {
    return KernelProvider.vectorAvailable()
        ? "vector"
            + KernelProvider.vectorBits()
            + " ("
            + KernelProvider.describeVector()
            + "): the Vector API is available"
        : "scalar: this JVM has no Vector API; add " + KernelProvider.FLAG;
  }

  @Override
  public String[] getVersion() {
    Host host = Host.here();
    return new String[] {
      Program.here().nameAndBuild(),
      "jdk     " + host.jdk(),
      "machine " + host.os() + ", " + host.processors() + " processors, " + host.cpu(),
      "simd    "
          + (host.cpuFeatures().isEmpty() ? "unknown" : String.join(" ", host.cpuFeatures())),
      "kernel  " + kernel()
    };
  }
}
