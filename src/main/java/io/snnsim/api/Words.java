// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/** Numbers and their nouns in messages. Stateless. */
final class Words {
  private Words() {}

  /** As "1 session", "2 sessions". */
  static String count(long n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }
}
