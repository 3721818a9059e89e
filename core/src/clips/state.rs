//! What the history of a library adds up to.

use indexmap::IndexMap;

use super::model::{Clip, ClipEvent, Playlist, Watched};
use super::search::Index;

/// A library as it stands.
#[derive(Debug, Default)]
pub(super) struct State {
    /// In the order they were made.
    pub(super) clips: IndexMap<String, Clip>,
    pub(super) playlists: IndexMap<String, Playlist>,
    pub(super) watched: Vec<Watched>,
    /// Clips ever made: ids are never used again.
    pub(super) made: u64,
    pub(super) index: Index,
}

impl State {
    /// Takes what happened. An event about what is not there changes nothing: the library wrote none, and one written by
    /// other means must not keep the rest from being read.
    pub(super) fn apply(&mut self, at: i64, event: ClipEvent) {
        match event {
            ClipEvent::Added { clip } => {
                self.made += 1;
                self.index.put(&clip);
                self.clips.insert(clip.id.clone(), *clip);
            }
            ClipEvent::Changed { id, change } => {
                let Some(clip) = self.clips.get_mut(&id) else { return };
                change.title.into_iter().for_each(|title| clip.title = title);
                change.note.into_iter().for_each(|note| clip.note = note);
                change.tags.into_iter().for_each(|tags| clip.tags = tags);
                change.folder.into_iter().for_each(|folder| clip.folder = folder);
                change.kind.into_iter().for_each(|kind| clip.kind = kind);
                change.step.into_iter().for_each(|step| clip.step = Some(step));
                change.consent.into_iter().for_each(|consent| clip.consent = consent);
                self.index.put(clip);
            }
            ClipEvent::Removed { id, .. } => {
                self.clips.shift_remove(&id);
                self.index.take(&id);
                for playlist in self.playlists.values_mut() {
                    playlist.clips.retain(|clip| *clip != id);
                }
            }
            ClipEvent::Listed { playlist } => {
                self.playlists.insert(playlist.name.clone(), playlist);
            }
            ClipEvent::Unlisted { name } => {
                self.playlists.shift_remove(&name);
            }
            ClipEvent::Watched { clip, rep } => self.watched.push(Watched { clip, rep, at }),
        }
    }
}
