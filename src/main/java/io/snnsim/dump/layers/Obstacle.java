// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

/**
 * Why a layer cannot be imported. Immutable.
 *
 * @param layer its name and kind, as the file has them
 * @param found what it is or has, and what was expected
 * @param advice what a user can do, or empty text
 */
public record Obstacle(String layer, String found, String advice) {
  /** In a line. */
  public String text() {
    return "layer " + layer + ": " + found + (advice.isEmpty() ? "" : "; " + advice);
  }
}
