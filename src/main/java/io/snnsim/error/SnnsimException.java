// SPDX-License-Identifier: Apache-2.0
package io.snnsim.error;

/**
 * The one exception type users see: a category and one clear line (what, where, found, expected,
 * what to do). Immutable and safe to hand between threads.
 */
public final class SnnsimException extends RuntimeException {
  /** Of the only form so far. */
  private static final long serialVersionUID = 1L;

  /** What kind of fault it is. */
  private final Category category;

  /**
   * An error of the given category. Names from files may be in {@code message}: it is shown as
   * {@link Shown#text} shows it.
   *
   * @param category what kind of fault it is
   * @param message one line without a trailing newline
   */
  public SnnsimException(Category category, String message) {
    super(Shown.text(message));
    this.category = category;
  }

  /**
   * As above, keeping the cause for {@code --debug} output.
   *
   * @param category what kind of fault it is
   * @param message one line without a trailing newline
   * @param cause kept for {@code --debug} output
   */
  public SnnsimException(Category category, String message, Throwable cause) {
    super(Shown.text(message), cause);
    this.category = category;
  }

  /** {@return what kind of fault this is} */
  public Category category() {
    return category;
  }

  /**
   * Shorthand for an unusable input.
   *
   * @param message one line without a trailing newline
   * @return the exception, to be thrown
   */
  public static SnnsimException badData(String message) {
    return new SnnsimException(Category.BAD_DATA, message);
  }

  /**
   * Shorthand for wrong options.
   *
   * @param message one line without a trailing newline
   * @return the exception, to be thrown
   */
  public static SnnsimException usage(String message) {
    return new SnnsimException(Category.USAGE, message);
  }
}
