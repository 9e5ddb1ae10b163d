package dev.poststation.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// What a class writes into the server log meanwhile. Confined to one thread; others may write.
public final class ServerLog {
  private final Logger logger;
  private final @Nullable Level before;
  private final ListAppender<ILoggingEvent> heard = new ListAppender<>();

  private ServerLog(Logger logger) {
    this.logger = logger;
    this.before = logger.getLevel();
    logger.setLevel(Level.INFO); // Commands that a test has run in this process made all quiet.
    heard.start();
    logger.addAppender(heard);
  }

  /// Listens from now on.
  public static ServerLog of(Class<?> who) {
    return new ServerLog((Logger) LoggerFactory.getLogger(who));
  }

  /// The lines so far, each with its level before it.
  public List<String> lines() {
    synchronized (heard) { // As it is while it appends.
      return heard.list.stream()
          .map(event -> event.getLevel() + " " + event.getFormattedMessage())
          .toList();
    }
  }

  /// Listens no more.
  ///
  /// @return the lines, each with its level before it
  public List<String> end() {
    logger.detachAppender(heard);
    logger.setLevel(before);
    return lines();
  }
}
