// SPDX-License-Identifier: Apache-2.0
/**
 * Classifying with a spiking network inside another program: one shared {@link
 * io.snnsim.api.Model}, a {@link io.snnsim.api.Session} for every thread.
 *
 * <pre>{@code
 * RunOptions run = RunOptions.steps(32);
 * try (Model model = Model.open(Path.of("net.snn"));
 *     Session session = model.newSession()) {
 *   Result result = session.classify(image, ImageFormat.U8_HWC, run);
 *   int answer = result.answer();
 * }
 * }</pre>
 *
 * <p>Nothing here starts a thread, opens a socket, logs, or changes a setting of the JVM, and no
 * class keeps state for all models. A null argument is the caller's defect: a {@link
 * NullPointerException} whose message is the parameter's name, before anything has changed. Every
 * other failure is an {@link io.snnsim.error.SnnsimException} with a category and one line that
 * says what is wrong, found, expected and to be done. Calls of a session allocate nothing and take
 * no lock once the JVM has compiled them ({@link io.snnsim.api.Model#warmUp}).
 *
 * <p>The vector kernels need {@code --add-modules=jdk.incubator.vector}. Without it everything
 * gives the same answers, slowly.
 */
package io.snnsim.api;
