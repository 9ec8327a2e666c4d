// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pickle holds, as far as weights are concerned: everything else is {@link Plain}. Lists and
 * dictionaries grow while a pickle is read and may hold themselves, so whoever walks through them
 * counts its steps. Not thread-safe.
 */
sealed interface Pickled {
  /** A value that says nothing about weights: None, floats, bytes, objects of harmless classes. */
  record Plain() implements Pickled {}

  /** The one of its kind. */
  Plain PLAIN = new Plain();

  /** A text. */
  record Str(String value) implements Pickled {}

  /** A whole number of up to 64 bits. */
  record Int(long value) implements Pickled {}

  /** A longer whole number. */
  record Huge(BigInteger value) implements Pickled {}

  /** A tuple or a list. */
  record Items(List<Pickled> items) implements Pickled {}

  /** A dictionary: its entries in their order, keys perhaps twice. */
  record Dict(List<Entry> entries) implements Pickled {
    Dict() {
      this(new ArrayList<>());
    }

    /** The last value under a text, or null. */
    Pickled get(String key) {
      Pickled found = null;
      for (Entry e : entries) {
        if (e.key instanceof Str(String text) && text.equals(key)) {
          found = e.value;
        }
      }
      return found;
    }
  }

  /** A key and its value. */
  record Entry(Pickled key, Pickled value) {}

  /** A class or function that {@link TorchGlobals} allows. */
  record Global(String module, String name) implements Pickled {
    @Override
    public String toString() {
      return module + "." + name;
    }
  }

  /**
   * Numbers that lie elsewhere in the file.
   *
   * @param type null if only tensors know it
   * @param elements how many; bytes if the type is null
   * @param first element that counts as its first
   */
  record Storage(TorchType type, String key, long elements, long first) implements Pickled {}

  /**
   * A tensor that looks at a storage.
   *
   * @param offset of its first element
   * @param strides elements between neighbours, a dimension
   */
  record View(Storage storage, TorchType type, long offset, long[] shape, long[] strides)
      implements Pickled {}
}
