//! Writes the queue and its incidents as pages, file by file.

use std::path::Path;

use crate::error::{Error, Location, Result};
use crate::model::Time;
use crate::report::{Page, page_name};
use crate::summary::IncidentSummary;

use super::Casebook;

impl Casebook {
    /// The page of the queue, the most urgent incident first, with links to the pages of the first
    /// [`with_incidents`](Page::with_incidents) beside it.
    #[must_use]
    pub fn queue_page(&self, page: &Page) -> String {
        let shown: Vec<IncidentSummary> = self.incidents().take(page.rows()).collect();
        let linked: Vec<String> = shown.iter().take(page.incidents()).map(page_name).collect();
        page.queue(&shown, self.queue().len(), |incident| linked.contains(&page_name(incident)))
    }

    /// Writes `index.html`, the page of the queue, into a folder, and beside it the pages of the most urgent incidents,
    /// as many as the page is [told](Page::with_incidents); each as of `at`, or without it as
    /// [`case_file`](Self::case_file) has it. The folder is made when it is missing; files of these names are replaced,
    /// others left alone. Gives how many incidents have a page.
    ///
    /// # Errors
    /// [`ErrorCode::Io`](crate::ErrorCode::Io) with the path.
    pub fn save_pages(&self, folder: impl AsRef<Path>, page: &Page, at: Option<&Time>) -> Result<usize> {
        let folder = folder.as_ref();
        let place = |path: &Path| Location { source: Some(path.display().to_string()), ..Location::default() };
        let write = |path: &Path, html: &str| std::fs::write(path, html).map_err(|e| Error::from(e).at(place(path)));
        std::fs::create_dir_all(folder).map_err(|e| Error::from(e).at(place(folder)))?;
        let mut written = 0;
        for incident in self.incidents().take(page.incidents()) {
            let case = self.case_file(&incident.id, at)?;
            write(&folder.join(page_name(&incident)), &page.incident(&case))?;
            written += 1;
        }
        write(&folder.join("index.html"), &self.queue_page(page))?;
        Ok(written)
    }
}
