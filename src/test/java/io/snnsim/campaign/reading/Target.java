// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import io.snnsim.error.Category;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * A reader of bytes from elsewhere, as the trial feeds it. Immutable; the seeds are not copied.
 *
 * @param name one word
 * @param refusals categories that it may refuse by
 * @param nested true if inputs are fields within fields, each with its length
 * @param seeds small inputs that it reads, or refuses far within
 * @param reader reads bytes to the end and uses what it got
 */
public record Target(
    String name, Set<Category> refusals, boolean nested, List<byte[]> seeds, Reader reader) {
  /** Reads one input; by one thread. */
  @FunctionalInterface
  public interface Reader {
    /** Reads bytes; they are the caller's. */
    void read(byte[] bytes) throws IOException;
  }
}
