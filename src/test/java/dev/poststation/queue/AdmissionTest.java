package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  /// Without a backlog.
  private static Admission admission(int mails, int recipients) {
    var admission = new Admission(mails, recipients, () -> {});
    var backlog = admission.backlog();
    assertThat(backlog).isNotNull();
    admission.read(backlog, QueueId.FIRST, true);
    return admission;
  }

  @Test
  void noMoreMailsAreInMemoryThanFit() {
    var admission = admission(10, 1000);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += admission.admitNew(1, false) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(10);
    assertThat(admission.room()).isZero();
    admission.release(1);
    assertThat(admission.admitNew(1, false)).isTrue();
  }

  @Test
  void noMoreRecipientsAreInMemoryThanFitButAMailAloneAlwaysDoes() {
    var admission = admission(100, 1000);
    assertThat(admission.admitNew(5000, false)).as("alone").isTrue();
    assertThat(admission.admitNew(1, false)).isFalse();
    assertThat(admission.room()).isZero();
    admission.release(5000);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += admission.admitNew(300, false) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(3);
  }

  @Test
  void bulkTakesHalfOfTheRoomAndOtherMailFindsTheRest() {
    var admission = admission(10, 1000);
    int bulk = 0;
    for (int i = 0; i < 100; i++) {
      bulk += admission.admitNew(1, true) ? 1 : 0;
    }
    assertThat(bulk).isEqualTo(5);
    assertThat(admission.admitNew(200, false)).isTrue();
    assertThat(admission(10, 1000).admitNew(600, true)).as("alone").isTrue();
  }

  @Test
  void aBacklogOfBulkHoldsUpNoOtherMailButOneWithOthersDoes() {
    var admission = admission(10, 1000);
    admission.joined(new QueueId(5), true);
    assertThat(admission.admitNew(1, true)).isFalse();
    assertThat(admission.admitNew(1, false)).isTrue();
    admission.joined(new QueueId(6), false);
    assertThat(admission.admitNew(1, false)).isFalse();

    var backlog = admission.backlog();
    assertThat(backlog).isNotNull();
    admission.read(backlog, new QueueId(6), true);
    assertThat(admission.hasBacklog()).isFalse();
    admission.joined(new QueueId(7), true);
    assertThat(admission.admitNew(1, false)).isTrue();
  }

  @Test
  void ofABacklogOfBulkNoMoreIsReadThanBulkMayTake() {
    var admission = admission(10, 1000);
    admission.joined(new QueueId(5), true);
    assertThat(admission.backlogRoom()).isEqualTo(5);
    admission.admitStored(500);
    assertThat(admission.backlogRoom()).isZero();
    assertThat(admission.room()).isEqualTo(9);
  }
}
