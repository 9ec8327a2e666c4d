// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.metrics.ModelOpenEvent;
import io.snnsim.store.LostMapping;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import java.util.function.Function;

/** Makes a model out of a model file, and tells JFR. Stateless and thread-safe. */
final class Opening {
  private Opening() {}

  /**
   * Opens a model; if that fails, nothing stays open.
   *
   * @param where for messages
   * @param verified opens and verifies the file
   */
  static Model open(String where, Function<Mode, ModelFile> verified, ModelOptions options) {
    ModelOpenEvent event = ModelOpenEvent.begunOrNull();
    try {
      ModelFile file =
          verified.apply(options.memory() == Memory.MAPPED ? Mode.MAPPED : Mode.RESIDENT);
      Model model = of(file, options);
      if (event != null && event.shouldCommit()) {
        event.file = file.path().toString();
        event.network = model.name();
        event.memory = options.memory().name();
        event.kernel = model.kernel();
        event.kernelReason = model.kernelReason();
        event.nativeBytes = model.nativeBytes();
        event.commit();
      }
      return model;
    } catch (OutOfMemoryError e) {
      throw noMemory(where, "its weights and tables", e);
    }
  }

  private static Model of(ModelFile file, ModelOptions options) {
    try {
      KernelChoice choice =
          switch (options.kernel()) {
            case AUTO -> KernelChoice.AUTO;
            case VECTOR -> KernelChoice.VECTOR;
            case SCALAR -> KernelChoice.SCALAR;
          };
      byte[] hint = file.extra(ModelContents.PLAN);
      Plan plan =
          hint == null
              ? null
              : PlanFile.parse(hint, file.network(), file.path() + ", section plan")
                  .onThisJvm(file.network());
      Limits limits = new Limits(options.maxMemory(), options.maxSynapses(), 0);
      return new Model(file, Simulator.of(file.network(), choice, plan, limits));
    } catch (RuntimeException | Error e) {
      file.close();
      LostMapping.throwIfLost(file.path().toString(), e);
      throw e;
    }
  }

  static SnnsimException noMemory(String where, String what, OutOfMemoryError e) {
    return new SnnsimException(
        Category.NO_MEMORY,
        where
            + ": too little memory for "
            + what
            + " ("
            + e.getMessage()
            + "); raise the memory limit of the process or its container, or -Xmx if it was the"
            + " heap",
        e);
  }
}
