// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;

/**
 * The first rows (entries of the first dimension) of an array: in memory, or in a file from which
 * each is read when it is asked for. Immutable; allows several threads. A row that is read takes
 * memory of its size; a file stays open until the rows are no longer reachable.
 */
final class NpyRows {
  /** Bytes of rows that are kept in memory; more of them stay in their file. */
  static final long MOST_KEPT = 64L << 20;

  /** Where the elements lie that are not kept. Allows several threads. */
  interface Elements {
    /**
     * Fills an array.
     *
     * @param from bytes before it, of the elements' first
     */
    void read(long from, byte[] into) throws IOException;
  }

  private final NpyArray array;
  private final int[] shape;
  private final int count;
  private final NpyReader.Head head;
  private final NpyReader.Layout row;
  private final Elements elements;

  private NpyRows(
      NpyArray array,
      int[] shape,
      int count,
      NpyReader.Head head,
      NpyReader.Layout row,
      Elements elements) {
    this.array = array;
    this.shape = shape;
    this.count = count;
    this.head = head;
    this.row = row;
    this.elements = elements;
  }

  /** The first rows of an array, or as many as there are, in memory. */
  static NpyRows first(NpyArray array, int rows) {
    int[] shape = array.shape();
    boolean cut = shape.length > 0 && rows < shape[0];
    return kept(cut ? array.firstRows(rows) : array, shape);
  }

  /**
   * Rows in memory.
   *
   * @param whole dimensions of the array that these are the first rows of
   */
  static NpyRows kept(NpyArray rows, int[] whole) {
    int count = whole.length == 0 ? 0 : rows.shape()[0];
    return new NpyRows(rows.inOrder(), whole, count, null, null, null);
  }

  /**
   * Rows in a file, in C order.
   *
   * @param layout of the whole array, at least one row
   * @param count rows that are wanted
   */
  static NpyRows inFile(
      NpyReader.Head head, NpyReader.Layout layout, int count, String where, Elements elements) {
    NpyReader.Head at = new NpyReader.Head(head.header(), 0);
    NpyArray none = NpyReader.array(new byte[0], at, layout.first(0), where);
    return new NpyRows(none, layout.shape(), count, at, layout.first(1), elements);
  }

  /** An array of the same type and place, of all rows if they are in memory, else of none. */
  NpyArray array() {
    return array;
  }

  /** Dimensions of the whole array in the file; a copy. */
  int[] shape() {
    return shape.clone();
  }

  /** Rows that can be had. */
  int count() {
    return count;
  }

  /** True if all rows are in memory. */
  boolean kept() {
    return elements == null;
  }

  /**
   * The array in whose C order the row lies: all of them from {@code index} times the row's size on
   * if they are {@link #kept}, else the row alone.
   *
   * @throws SnnsimException (input or output) if it cannot be read; (bad data) if it is not there
   */
  NpyArray holding(int index) {
    if (elements == null) {
      return array;
    }
    byte[] bytes = new byte[row.size() * row.item()];
    try {
      elements.read((long) index * bytes.length, bytes);
    } catch (IOException e) {
      throw new SnnsimException(
          Category.IO,
          array.where()
              + ": row "
              + index
              + " cannot be read: "
              + Text.oneLine(String.valueOf(e.getMessage()))
              + "; the file must stay as it was when it was opened",
          e);
    }
    return NpyReader.array(bytes, head, row, array.where());
  }
}
