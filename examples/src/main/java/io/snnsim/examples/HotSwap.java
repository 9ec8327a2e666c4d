// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Replaces a model under load and counts what is lost: {@code HotSwap OLD NEW OTHER IMAGES FOLDER}.
 * IMAGES and the models are as {@link KnownImages} reads them, with answers after {@value #STEPS}
 * steps; OTHER takes images of another shape.
 *
 * <p>To NEW, to a damaged file and to OTHER, which must not be taken, and back to OLD. Fails unless
 * every request was answered, with the very class that the model has for that image.
 */
public final class HotSwap {
  private static final int CLIENTS = 2;
  static final int STEPS = 16;

  private HotSwap() {}

  public static void main(String[] args) throws Exception {
    Path old = Path.of(args[0]);
    Path replacement = Path.of(args[1]);
    Path other = Path.of(args[2]);
    KnownImages known = KnownImages.read(Path.of(args[3]), old, replacement);
    Path served = Path.of(args[4]).resolve("served.snn");
    Files.copy(old, served, StandardCopyOption.REPLACE_EXISTING);
    ServiceOptions options =
        new ServiceOptions(
            0,
            0,
            STEPS,
            CLIENTS,
            CLIENTS,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10));
    HttpService service = new HttpService(options);
    try (service;
        GoodClients load = new GoodClients(CLIENTS, service.port(), service.adminPort(), known)) {
      // What came before the model was there was told to come again.
      service.open(served);
      load.more(100);
      long early = load.postponed();
      KnownImages.replace(Files.readAllBytes(replacement), served);
      load.await("snnsim_model_generation 2");
      load.more(100);
      KnownImages.replace(new byte[] {1, 2, 3}, served);
      load.await("snnsim_model_swaps_failed_total 1");
      load.more(100);
      KnownImages.replace(Files.readAllBytes(other), served);
      load.await("snnsim_model_swaps_failed_total 2");
      load.more(100);
      KnownImages.replace(Files.readAllBytes(old), served);
      load.await("snnsim_model_generation 3");
      load.more(100);
      System.out.println(
          load.answered()
              + " requests "
              + load.by()
              + " answered over 2 swaps and 2 refused ones, lost or wrong "
              + (load.lost() + load.postponed() - early));
      if (load.lost() + load.postponed() > early) {
        System.exit(1);
      }
    }
  }
}
