package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All that can be seen of a spool, in words, so that two can be compared.
final class Picture {
  private static final int ALL = 1000;

  private Picture() {}

  /// @param ids of all mail that may ever have been in it; of any other it shows that it is there
  static String of(Spool spool, List<QueueId> ids) throws IOException {
    Map<QueueId, Placement> listed = listed(spool);
    var picture = new StringBuilder();
    picture.append("pace ").append(new String(spool.pace())).append('\n');
    for (QueueId id : ids) {
      var stored = spool.load(id);
      assertThat(stored.map(Spool.Stored::placement).orElse(null))
          .as("where %s is, and is listed", id)
          .isEqualTo(listed.remove(id));
      if (stored.isPresent()) {
        mail(picture, spool, id, stored.get());
      }
    }
    assertThat(listed).as("listed, and never there").isEmpty();
    return picture.toString();
  }

  private static void mail(StringBuilder picture, Spool spool, QueueId id, Spool.Stored stored)
      throws IOException {
    var mail = stored.mail();
    byte[] content = Mails.read(spool.content(mail));
    assertThat(content).as("the content of %s", id).hasSize((int) mail.envelope().traits().size());
    picture
        .append(id)
        .append(' ')
        .append(stored.placement())
        .append(' ')
        .append(mail.recipients().size())
        .append(' ')
        .append(mail.states())
        .append(' ')
        .append(Arrays.hashCode(content))
        .append(spool.trace(id).stream().map(String::new).toList())
        .append('\n');
  }

  private static Map<QueueId, Placement> listed(Spool spool) throws IOException {
    var listed = new TreeMap<QueueId, Placement>();
    var twice = new ArrayList<QueueId>();
    spool.incoming(QueueId.FIRST, ALL).forEach(id -> listed.put(id, Placement.INCOMING));
    for (QueueId id : spool.held(QueueId.FIRST, ALL)) {
      add(listed, twice, id, Placement.HELD);
    }
    for (Spool.Due due : spool.deferred(Spool.Due.FIRST, Instant.MAX, ALL)) {
      add(listed, twice, due.id(), new Placement.Deferred(due.time()));
    }
    for (String destination : spool.parkedDestinations()) {
      for (QueueId id : spool.parked(destination, QueueId.FIRST, ALL)) {
        add(listed, twice, id, new Placement.Parked(destination));
      }
    }
    assertThat(twice).as("in two places").isEmpty();
    assertThat(spool.usage().mails()).as("counted").isEqualTo(listed.size());
    return listed;
  }

  private static void add(
      Map<QueueId, Placement> listed, List<QueueId> twice, QueueId id, Placement place) {
    if (listed.put(id, place) != null) {
      twice.add(id);
    }
  }
}
