// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.engine.Limits;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.EngineComparison;
import io.snnsim.fixture.EngineWay;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.NeuronModel;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Random networks by every kernel, plan, step block and number of threads: those of rates against
 * the dense reference, as EngineEqualsReferenceTest has it, those of codes against the scalar
 * kernel. A batch is one network of each. Stateless.
 */
final class NetworkTrial implements Trial {
  private final KernelRuns kernels;

  /** Of the program's own kernels. */
  NetworkTrial() {
    this(KernelRuns::run);
  }

  /** Of other ones for codes, which may be wrong. */
  NetworkTrial(KernelRuns.Runner runner) {
    kernels = new KernelRuns(runner, Limits.OWN);
  }

  @Override
  public String name() {
    return "networks";
  }

  @Override
  public String unit() {
    return "networks in a way";
  }

  @Override
  public long target() {
    return 20_000;
  }

  @Override
  public boolean comparesKernels() {
    return true;
  }

  /** The dense reference takes its time. */
  @Override
  public long mostMillis() {
    return 60_000;
  }

  @Override
  public void run(long seed, Cases cases) {
    for (EngineWay way : EngineWay.values()) {
      cases.begin("txt", () -> text(seed, way.name()));
      EngineComparison.compare(seed, way);
      cases.end("equal");
    }
    int steps = 1 + (int) (seed % NeuronModel.FewSpike.MOST_STEPS);
    RandomNetworks.Case code = CodeNetworks.of(seed, steps);
    cases.begin("txt", () -> text(seed, "codes of " + steps + " steps"));
    kernels.compare(
        code.network(),
        new KernelRuns.Input(new float[][] {code.image(), code.image()}, steps),
        new SplittableRandom(seed));
    cases.end("equal");
  }

  private static byte[] text(long seed, String way) {
    return ("network of seed " + seed + ", " + way + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
